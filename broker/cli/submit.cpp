// fabu submit: pushes items and prints their receipts.
#include <istream>
#include <ostream>

#include "broker/cli/submission_run.h"
#include "broker/cli/verbs.h"

namespace fabu::cli {

void add_submit(Verb app, Context& context) {
  auto o = std::make_shared<SubmitOptions>();
  auto verb = app.add_subcommand("submit", "Submit items and print one receipt a line");
  verb->footer(
      std::string("Sending the same item again is safe: it gives the same receipt. Attachments named in an item are taken from\n"
                  "attachments/NAME or NAME beside its file; their sha256 and size are filled in.\n"
                  "Examples:\n"
                  "  fabu submit --server http://127.0.0.1:8080 --key \"$KEY\" notice.json\n"
                  "  FABU_SERVER=http://127.0.0.1:8080 FABU_KEY=… fabu submit --json outbox/ > receipts.ndjson\n"
                  "  export-items | fabu submit -          (JSON, NDJSON or protobuf)\n"
                  "  fabu submit --dry-run notice.json     (checks everything, stores nothing)\n") +
      kExitCodes);
  o->where = add_where(verb);
  verb->add_option("paths", o->paths, "JSON, NDJSON or protobuf files, folders of them, or - for standard input")
      ->required()
      ->type_name("PATH");
  verb->add_flag("--json", o->json, "Receipts as JSON, one a line, with the file's name");
  verb->add_flag("--dry-run", o->dry_run, "Check only; nothing is stored");
  verb->add_flag("--quiet", o->quiet, "No progress and no summary; problems are still printed");
  verb->add_option("--parallel", o->parallel, "Items under way at once")->show_default()->between(1, 256);
  verb->add_option("--timeout", o->timeout_seconds, "Seconds to go on trying one item while the server is busy or away")
      ->show_default()
      ->between(0.0, 86400.0);
  verb->callback([&context, o] {
    auto source = ItemSource::open(o->paths, *context.in);
    if (!source) return context.fail(source.error());
    if (source->known() == 0) return context.fail(Exit::local, "no item files there (.json, .ndjson, .jsonl, .pb, .binpb)");
    SubmissionRun(context, *o, std::move(*source)).send_all();
  });
}

}  // namespace fabu::cli
