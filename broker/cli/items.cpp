// fabu items: what was submitted, one item closely, taking down, reviewing.
#include <fabu/v1/api.pb.h>
#include <fmt/format.h>

#include <iterator>
#include <ostream>

#include "broker/cli/doorway.h"
#include "broker/cli/pages.h"
#include "broker/cli/table.h"
#include "broker/cli/verbs.h"
#include "proto/fabu/digest.h"

namespace fabu::cli {
namespace {

struct Options {
  std::shared_ptr<Where> where;
  bool json = false;
  std::string item, department, entry, reason, remarks, digest;
  std::uint32_t edition = 0;
  std::uint64_t limit = 50;
};

constexpr const char* kItemHelp = "Item number, 索引号, or DEPARTMENT:REFERENCE";

std::string state_of(v1::EditionState state) {
  return show_enum(v1::EditionState_Name(state), "EDITION_STATE_");
}

std::string hex_of(const std::string& raw) {
  const auto digest = Digest::from_raw(raw);
  return digest ? digest->hex() : std::string();
}

void list(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  if (!door) return;
  Table table({"ITEM", "索引号", "STATE", "ED", "RECEIVED", "DEPARTMENT", "ENTRY", "TITLE"});
  const auto use = [&](const v1::ItemList& page) {
    for (const auto& item : page.items()) {
      if (o.json) {
        *context.out << one_line_json(item) << '\n';
      } else {
        table.row({std::to_string(item.item_id()), item.index_no(), state_of(item.state()), std::to_string(item.edition()),
                   show_time(item.received_ms()), item.department(), item.catalogue_entry(), cut_to_width(item.title(), 60)});
      }
    }
    return static_cast<std::uint64_t>(page.items_size());
  };
  Query query;
  query.with("department", o.department).with("entry", o.entry);
  if (read_pages<v1::ItemList>(context, *door, "/v1/items", query, o.limit, use) && !o.json) table.print(*context.out);
}

void print_item(std::ostream& out, const v1::ItemView& view) {
  out << view.title() << "\n\n";
  Table facts({"ITEM", std::to_string(view.item_id())});
  facts.row({"索引号", view.index_no()});
  facts.row({"REFERENCE", view.department() + ":" + view.reference()});
  facts.row({"ENTRY", view.catalogue_entry()});
  facts.row({"STATE", state_of(view.state())});
  facts.print(out);
  out << '\n';
  Table editions({"EDITION", "KIND", "STATE", "RECEIVED", "SHA-256", "REASON"});
  for (const auto& one : view.editions()) {
    const auto& e = one.edition();
    editions.row({std::to_string(e.number()), show_enum(v1::EditionKind_Name(e.kind()), "EDITION_KIND_"), state_of(one.state()),
                  show_time(e.received_ms()), hex_of(e.digest()), e.reason()});
  }
  editions.print(out);
  out << '\n';
  Table deliveries({"DELIVERY", "CHANNEL", "STATE", "TRIES", "SETTLED", "WHERE"});
  for (const auto& d : view.deliveries()) {
    deliveries.row({d.id(), d.channel(), show_enum(v1::DeliveryState_Name(d.state()), "DELIVERY_STATE_"),
                    std::to_string(d.attempts()), show_time(d.settled_ms()),
                    d.has_receipt() ? d.receipt().locator() : d.last_failure().message()});
  }
  deliveries.print(out);
}

void show(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  v1::ItemView view;
  if (!door || !ask(context, *door, "GET", "/v1/items/" + percent_encode(o.item), nullptr, view)) return;
  if (o.json) {
    *context.out << one_line_json(view) << '\n';
  } else {
    print_item(*context.out, view);
  }
}

void print_receipt(Context& context, const Options& o, const v1::SubmissionReceipt& receipt, const char* done) {
  if (o.json) {
    *context.out << one_line_json(receipt) << '\n';
  } else {
    *context.out << fmt::format("item {} ({}) edition {}: {}, log index {}\n", receipt.item_id(), receipt.index_no(),
                                receipt.edition(), done, receipt.log_index());
  }
}

void withdraw(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  v1::WithdrawRequest request;
  request.set_reason(o.reason);
  request.set_of_edition(o.edition);
  v1::SubmissionReceipt receipt;
  if (!door || !ask(context, *door, "POST", "/v1/items/" + percent_encode(o.item) + "/withdrawal", &request, receipt)) return;
  print_receipt(context, o, receipt, "withdrawal ordered");
}

void review(Context& context, const Options& o, v1::Decision decision) {
  const auto door = open_door(context, *o.where);
  if (!door) return;
  const std::string path = "/v1/items/" + percent_encode(o.item);
  v1::ReviewRequest request;
  request.set_decision(decision);
  request.set_remarks(o.remarks);
  request.set_edition_digest(o.digest);
  if (o.digest.empty()) {
    v1::ItemView view;
    if (!ask(context, *door, "GET", path, nullptr, view)) return;
    if (view.editions().empty()) return context.fail(Exit::refused, o.item + " has no edition to review");
    request.set_edition_digest(hex_of(std::prev(view.editions().end())->edition().digest()));
    *context.err << fmt::format("{}: newest edition, sha256 {}\n", view.title(), request.edition_digest());
  }
  v1::SubmissionReceipt receipt;
  if (!ask(context, *door, "POST", path + "/review", &request, receipt)) return;
  print_receipt(context, o, receipt, decision == v1::DECISION_APPROVE ? "approved" : "rejected");
}

}  // namespace

void add_items(Verb app, Context& context) {
  auto items = app.add_subcommand("items", "Items: list, show, withdraw, approve, reject");
  items->require_subcommand();
  const auto add = [&](const char* name, const char* about, const char* example) {
    auto o = std::make_shared<Options>();
    auto verb = items->add_subcommand(name, about);
    verb->footer(std::string("Example:\n  ") + example);
    o->where = add_where(verb);
    verb->add_flag("--json", o->json, "One JSON object a line");
    return std::pair(verb, o);
  };
  const auto [list_verb, l] = add("list", "Newest items first", "fabu items list --department TRADING --limit 20");
  list_verb->add_option("--department", l->department, "Only this department's")->type_name("CODE");
  list_verb->add_option("--entry", l->entry, "Only under this catalogue entry")->type_name("CODE");
  list_verb->add_option("--limit", l->limit, "At most so many; 0 = all")->show_default();
  list_verb->callback([&context, o = l] { list(context, *o); });

  const auto [show_verb, s] = add("show", "One item with its editions and deliveries", "fabu items show 17");
  show_verb->add_option("item", s->item, kItemHelp)->required();
  show_verb->callback([&context, o = s] { show(context, *o); });

  const auto [withdraw_verb, w] = add("withdraw", "Take an item down everywhere; a notice with the reason stays",
                                      "fabu items withdraw 17 --reason '项目终止'");
  withdraw_verb->add_option("item", w->item, kItemHelp)->required();
  withdraw_verb->add_option("--reason", w->reason, "Public reason, 1-1000 characters")->required();
  withdraw_verb->add_option("--edition", w->edition, "The edition that you saw; refused when a newer one is there");
  withdraw_verb->callback([&context, o = w] { withdraw(context, *o); });

  for (const auto decision : {v1::DECISION_APPROVE, v1::DECISION_REJECT}) {
    const bool approve = decision == v1::DECISION_APPROVE;
    const auto [verb, r] = approve ? add("approve", "Release a held edition", "fabu items approve 17 --digest 9f2c…")
                                   : add("reject", "Refuse a held edition", "fabu items reject 17 --remarks '缺少附件'");
    verb->add_option("item", r->item, kItemHelp)->required();
    verb->add_option("--digest", r->digest, "SHA-256 of the edition that you read (default: the newest as it stands now)");
    verb->add_option("--remarks", r->remarks, "Internal, at most 2000 characters");
    verb->callback([&context, o = r, decision] { review(context, *o, decision); });
  }
}

}  // namespace fabu::cli
