// The one program: wires the verbs to the process.
#include <clocale>
#include <string>

#include "broker/cli/embedded_door.h"
#include "broker/cli/server_verbs.h"
#include "broker/cli/verbs.h"

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  auto context = fabu::cli::Context::of_process();
  context.open_in_process = fabu::cli::embedded_door;
  fabu::cli::CommandLine line("fabu (发布): publishes government information on every channel, once, provably", "fabu");
  auto root = line.root();
  root.version(FABU_VERSION);
  root.require_subcommand();
  root.footer(std::string(fabu::cli::kExitCodes) + "\nMore: fabu VERB --help, docs/command-line.md");
  fabu::cli::add_serve(root, context);
  fabu::cli::add_broker(root, context);
  fabu::cli::add_adapter(root, context);
  fabu::cli::add_migrate(root, context);
  fabu::cli::add_backup(root, context);
  fabu::cli::add_restore(root, context);
  fabu::cli::add_topology(root, context);
  fabu::cli::add_client_verbs(root, context);
  return fabu::cli::run(line, context, argc, argv);
}
