// fabu catalogue: checks a catalogue file, lists what must be disclosed.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "broker/cli/shipped.h"
#include "broker/cli/table.h"
#include "broker/cli/verbs.h"
#include "broker/domain/catalogue.h"

namespace fabu::cli {
namespace {

struct Options {
  std::string file;
  bool json = false;
};

std::string days_of(const domain::Days& days) {
  if (days.count == 0) return "-";
  return fmt::format("{} {}", days.count, days.unit == domain::DayUnit::working ? "working days" : "days");
}

const char* review_of(domain::ReviewPolicy policy) {
  switch (policy) {
    case domain::ReviewPolicy::none:
      return "none";
    case domain::ReviewPolicy::one_eye:
      return "one";
    case domain::ReviewPolicy::two_eye:
      return "two";
  }
  return "";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

nlohmann::ordered_json json_of(const domain::Entry& entry) {
  const auto days = [](const domain::Days& d) {
    return nlohmann::ordered_json{{"count", d.count}, {"unit", d.unit == domain::DayUnit::working ? "working" : "natural"}};
  };
  return {{"code", entry.code},
          {"name", entry.name},
          {"nameEn", entry.name_en},
          {"domain", entry.domain},
          {"stage", v1::Stage_Name(entry.stage)},
          {"required", entry.required},
          {"channels", entry.channels},
          {"review", review_of(entry.review)},
          {"deadline", days(entry.deadline)},
          {"noticePeriod", days(entry.notice_period)},
          {"legalBasis", entry.legal_basis},
          {"confirmed", entry.confirmed}};
}

void check(Context& context, const Options& o) {
  const auto catalogue = domain::Catalogue::load(o.file);
  if (!catalogue) {
    context.fail(catalogue.error());
    if (catalogue.error().code != ErrorCode::io) context.exit = Exit::usage;
    return;
  }
  *context.out << fmt::format("{}: {} entries in {} domains, no faults\n", o.file, catalogue->entries().size(),
                              catalogue->domains().size());
}

void list(Context& context, const Options& o) {
  const std::string file = o.file.empty() ? shipped_catalogue().string() : o.file;
  const auto catalogue = domain::Catalogue::load(file);
  if (!catalogue) return context.fail(catalogue.error());
  Table table({"CODE", "NAME", "DOMAIN", "WITHIN", "NOTICE PERIOD", "REVIEW", "CHANNELS"});
  for (const auto& entry : catalogue->entries()) {
    if (o.json) {
      *context.out << json_of(entry).dump() << '\n';
      continue;
    }
    const auto* domain = catalogue->domain(entry.domain);
    table.row({entry.code, entry.name, domain ? domain->name : entry.domain, days_of(entry.deadline),
               days_of(entry.notice_period), review_of(entry.review), joined(entry.channels)});
  }
  if (!o.json) table.print(*context.out);
}

}  // namespace

void add_catalogue(Verb app, Context& context) {
  auto catalogue = app.add_subcommand("catalogue", "The catalogue (公开目录): check a file, list its entries");
  catalogue->require_subcommand();
  auto c = std::make_shared<Options>();
  auto check_verb = catalogue->add_subcommand("check", "Say every fault of a catalogue file with its line");
  check_verb->footer("Exit code 2 when there is a fault.\nExample:\n  fabu catalogue check catalogue.yaml");
  check_verb->add_option("file", c->file, "Catalogue in YAML")->required()->type_name("FILE");
  check_verb->callback([&context, c] { check(context, *c); });
  auto l = std::make_shared<Options>();
  auto list_verb = catalogue->add_subcommand("list", "What must be disclosed, how fast, on which channels");
  list_verb->footer("Examples:\n  fabu catalogue list\n  fabu catalogue list --json | jq -r .code");
  list_verb->add_option("--file", l->file, "Another catalogue than the one that is shipped")->type_name("FILE");
  list_verb->add_flag("--json", l->json, "One JSON object a line");
  list_verb->callback([&context, l] { list(context, *l); });
}

}  // namespace fabu::cli
