#include "broker/cli/verbs.h"

#include <exception>
#include <ostream>

namespace fabu::cli {

void add_client_verbs(Verb app, Context& context) {
  add_submit(app, context);
  add_items(app, context);
  add_deliveries(app, context);
  add_channels(app, context);
  add_why(app, context);
  add_audit(app, context);
  add_keys(app, context);
  add_config(app, context);
  add_catalogue(app, context);
  add_self_description(app, context);
}

int run(CommandLine& line, Context& context, int argc, const char* const* argv) {
  try {
    int code = 0;
    if (!line.parse(argc, argv, *context.out, *context.err, code)) return code == 0 ? 0 : static_cast<int>(Exit::usage);
  } catch (const std::exception& error) {
    context.fail(Exit::local, error.what());
  }
  context.out->flush();
  if (!*context.out && context.exit == Exit::done) context.fail(Exit::local, "the output could not be written");
  return static_cast<int>(context.exit);
}

}  // namespace fabu::cli
