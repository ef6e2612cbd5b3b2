// The one program: wires the verbs to the process.
#include <CLI/CLI.hpp>
#include <clocale>

#include "broker/cli/embedded_door.h"
#include "broker/cli/serve.h"
#include "broker/cli/verbs.h"

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  auto context = fabu::cli::Context::of_process();
  context.open_in_process = fabu::cli::embedded_door;
  CLI::App app("fabu (发布): publishes government information on every channel, once, provably", "fabu");
  app.set_version_flag("--version", FABU_VERSION);
  app.require_subcommand(1);
  app.footer(std::string(fabu::cli::kExitCodes) + "\nMore: fabu VERB --help, docs/command-line.md");
  fabu::cli::add_serve(app, context);
  fabu::cli::add_client_verbs(app, context);
  return fabu::cli::run(app, context, argc, argv);
}
