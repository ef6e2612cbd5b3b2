// fabu audit: an item's trace, its evidence bundle, and verification.
#include <fabu/v1/api.pb.h>
#include <fmt/format.h>

#include <fstream>
#include <ostream>

#include "broker/cli/audit_verify.h"
#include "broker/cli/doorway.h"
#include "broker/cli/table.h"
#include "broker/cli/verbs.h"

namespace fabu::cli {
namespace {

struct Options {
  std::shared_ptr<Where> where;
  bool json = false;
  std::string item, output;
};

// The particulars of a step in one line.
std::string particulars(const v1::TraceStep& step) {
  const auto& record = step.record();
  const auto& detail = step.has_detail() ? step.detail() : record.public_();
  std::string text = detail.note();
  const auto add = [&text](const std::string& more) {
    if (!more.empty()) text += (text.empty() ? "" : "; ") + more;
  };
  add(record.receipt_locator());
  for (const auto& channel : detail.channels()) add("→ " + channel);
  for (const auto& channel : detail.skipped()) add("not set up: " + channel);
  if (detail.has_failure())
    add(fmt::format("try {}: {} {}", detail.attempt(), detail.failure().code(), detail.failure().message()));
  for (const auto& problem : detail.problems()) add(problem);
  if (text.empty() && record.has_commitment()) text = "(committed; shown to auditors)";
  return text;
}

void trace(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  v1::Trace trace;
  if (!door || !ask(context, *door, "GET", "/v1/items/" + percent_encode(o.item) + "/trace", nullptr, trace)) return;
  if (o.json) {
    *context.out << one_line_json(trace) << '\n';
    return;
  }
  Table table({"SEQ", "TIME", "WHO", "DID", "ED", "CHANNEL", "LEAF", "PARTICULARS"});
  for (const auto& step : trace.steps()) {
    const auto& record = step.record();
    table.row({std::to_string(record.seq()), show_time(record.time_ms()), record.actor(),
               show_enum(v1::AuditAction_Name(record.action()), "AUDIT_ACTION_"),
               record.edition() ? std::to_string(record.edition()) : "-", record.channel().empty() ? "-" : record.channel(),
               step.leaf_hash().substr(0, 12), particulars(step)});
  }
  table.print(*context.out);
}

void bundle(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  if (!door) return;
  auto answer = door->call("GET", "/v1/items/" + percent_encode(o.item) + "/bundle");
  if (!answer) return context.fail(answer.error());
  if (!answer->ok()) return say_problem(context, *answer, o.item);
  if (o.output == "-") {
    *context.out << answer->body;
    return;
  }
  std::ofstream file(o.output, std::ios::binary | std::ios::trunc);
  file << answer->body;
  file.close();
  if (!file) return context.fail(Exit::local, o.output + " cannot be written");
  *context.err << fmt::format("{}: {} bytes; check it anywhere: fabu audit verify {}\n", o.output, answer->body.size(), o.output);
}

void add_verify(Verb audit, Context& context) {
  auto o = std::make_shared<VerifyOptions>();
  auto verb = audit.add_subcommand("verify", "Check a bundle, a copied log or a live log; needs no server and no trust in one");
  verb->footer(
      "FILE is an evidence bundle; DIR holds checkpoint and tile/ as served under /log/; URL is where those are served.\n"
      "Exit code 0 when everything holds; 1 when not, with the first bad record named.\n"
      "Examples:\n  fabu audit verify item17.bundle --key \"$(cat auditors-copy.vkey)\"\n"
      "  fabu audit verify https://ggj.example.gov.cn/log --older last-month.checkpoint");
  verb->add_option("what", o->what, "Bundle file, log folder, or the log's URL")->required()->type_name("FILE|DIR|URL");
  verb->add_option("--key", o->key, "Verifier key of the log that you trust (`fabu keys show`); else the one that comes with it")
      ->type_name("VKEY");
  verb->add_option("--older", o->older, "A checkpoint kept from earlier: the log must have grown from it")->type_name("FILE");
  verb->add_flag("--json", o->json, "The findings as one JSON object");
  verb->callback([&context, o] { verify(context, *o); });
}

}  // namespace

void add_audit(Verb app, Context& context) {
  auto audit = app.add_subcommand("audit", "The audit log: trace, bundle, verify");
  audit->require_subcommand();

  auto t = std::make_shared<Options>();
  auto trace_verb = audit->add_subcommand("trace", "Every recorded step of an item");
  trace_verb->footer("Internal particulars are shown to keys with the scope audit.\nExample:\n  fabu audit trace 17");
  t->where = add_where(trace_verb);
  trace_verb->add_flag("--json", t->json, "The API's answer on one line");
  trace_verb->add_option("item", t->item, "Item number, 索引号, or DEPARTMENT:REFERENCE")->required();
  trace_verb->callback([&context, t] { trace(context, *t); });

  auto b = std::make_shared<Options>();
  auto bundle_verb = audit->add_subcommand("bundle", "Everything that proves an item's life, in one file");
  bundle_verb->footer("Example:\n  fabu audit bundle 17 -o item17.bundle");
  b->where = add_where(bundle_verb);
  bundle_verb->add_option("item", b->item, "Item number, 索引号, or DEPARTMENT:REFERENCE")->required();
  bundle_verb->add_option("-o,--output", b->output, "Where to write it; - for standard output")->required()->type_name("FILE");
  bundle_verb->callback([&context, b] { bundle(context, *b); });

  add_verify(audit, context);
}

}  // namespace fabu::cli
