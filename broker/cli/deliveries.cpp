// fabu deliveries: what is late, stuck or dead, and trying it again.
#include <fabu/v1/api.pb.h>
#include <fmt/format.h>

#include <istream>
#include <ostream>
#include <string>

#include "broker/cli/doorway.h"
#include "broker/cli/pages.h"
#include "broker/cli/table.h"
#include "broker/cli/verbs.h"

namespace fabu::cli {
namespace {

struct Options {
  std::shared_ptr<Where> where;
  bool json = false, dry_run = false, yes = false;
  std::string channel, state, code, item, id;
  std::uint64_t limit = 50;
};

std::string state_of(v1::DeliveryState state) {
  return show_enum(v1::DeliveryState_Name(state), "DELIVERY_STATE_");
}

void list(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  if (!door) return;
  Table table({"DELIVERY", "CHANNEL", "ACTION", "STATE", "TRIES", "DUE", "SETTLED", "CODE", "WHERE / WHAT HAPPENED"});
  const auto use = [&](const v1::DeliveryList& page) {
    for (const auto& d : page.deliveries()) {
      if (o.json) {
        *context.out << one_line_json(d) << '\n';
        continue;
      }
      const bool open = d.settled_ms() == 0;
      table.row({d.id(), d.channel(), show_enum(v1::Action_Name(d.action()), "ACTION_"), state_of(d.state()),
                 std::to_string(d.attempts()), open ? show_time(d.due_ms()) : "-", show_time(d.settled_ms()),
                 d.last_failure().code(),
                 d.has_receipt() ? d.receipt().locator() : cut_to_width(d.last_failure().message(), 80)});
    }
    return static_cast<std::uint64_t>(page.deliveries_size());
  };
  Query query;
  query.with("channel", o.channel).with("state", o.state).with("code", o.code).with("item", o.item);
  if (read_pages<v1::DeliveryList>(context, *door, "/v1/deliveries", query, o.limit, use) && !o.json) table.print(*context.out);
}

void groups(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  v1::DeliveryGroups groups;
  if (!door || !ask(context, *door, "GET", "/v1/deliveries/groups", nullptr, groups)) return;
  Table table({"COUNT", "CHANNEL", "STATE", "CODE", "EXAMPLE", "WHAT HAPPENED"});
  for (const auto& group : groups.groups()) {
    if (o.json) {
      *context.out << one_line_json(group) << '\n';
    } else {
      table.row({std::to_string(group.count()), group.channel(), state_of(group.state()), group.code(), group.example_id(),
                 cut_to_width(group.message(), 80)});
    }
  }
  if (o.json) return;
  if (table.empty()) {
    *context.out << "nothing is dead or failing\n";
  } else {
    table.print(*context.out);
  }
}

bool agreed(Context& context, std::uint64_t matched) {
  if (!context.in_is_terminal) {
    context.fail(Exit::usage, fmt::format("{} dead deliveries match; give --yes to replay them (nothing was done)", matched));
    return false;
  }
  *context.err << fmt::format("replay {} dead deliveries? [y/N] ", matched) << std::flush;
  std::string line;
  std::getline(*context.in, line);
  if (line == "y" || line == "Y" || line == "yes" || line == "是") return true;
  context.fail(Exit::refused, "nothing was done");
  return false;
}

void replay(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  if (!door) return;
  v1::ReplayRequest request;
  request.set_channel(o.channel);
  request.set_code(o.code);
  request.set_delivery_id(o.id);
  request.set_dry_run(true);
  v1::ReplayAnswer count;
  if (!ask(context, *door, "POST", "/v1/deliveries:replay", &request, count)) return;
  if (o.dry_run) {
    *context.out << (o.json ? one_line_json(count) : fmt::format("{} dead deliveries match", count.matched())) << '\n';
    return;
  }
  if (count.matched() != 0 && !o.yes && !agreed(context, count.matched())) return;
  v1::ReplayAnswer answer;
  request.set_dry_run(false);
  if (count.matched() != 0 && !ask(context, *door, "POST", "/v1/deliveries:replay", &request, answer)) return;
  *context.out << (o.json ? one_line_json(answer) : fmt::format("replayed {} of {}", answer.replayed(), answer.matched()))
               << '\n';
  if (answer.replayed() != answer.matched()) context.exit = Exit::refused;
}

}  // namespace

void add_deliveries(Verb app, Context& context) {
  auto deliveries = app.add_subcommand("deliveries", "Deliveries: list, groups, replay");
  deliveries->require_subcommand();
  const auto add = [&](const char* name, const char* about, const char* footer) {
    auto o = std::make_shared<Options>();
    auto verb = deliveries->add_subcommand(name, about);
    verb->footer(footer);
    o->where = add_where(verb);
    verb->add_flag("--json", o->json, "One JSON object a line");
    return std::pair(verb, o);
  };
  const auto narrow = [](Verb verb, const std::shared_ptr<Options>& o) {
    verb->add_option("--channel", o->channel, "Only on this channel")->type_name("NAME");
    verb->add_option("--code", o->code, "Only with this cause, as `groups` shows it, e.g. http.503")->type_name("CODE");
  };

  const auto [list_verb, l] =
      add("list", "Deliveries, newest first", "Example:\n  fabu deliveries list --state dead --channel website");
  narrow(list_verb, l);
  list_verb->add_option("--state", l->state, "Only in this state")
      ->one_of({"pending", "leased", "delivered", "retrying", "dead", "superseded"});
  list_verb->add_option("--item", l->item, "Only of this item: number, 索引号 or DEPARTMENT:REFERENCE")->type_name("ITEM");
  list_verb->add_option("--limit", l->limit, "At most so many; 0 = all")->show_default();
  list_verb->callback([&context, o = l] { list(context, *o); });

  const auto [groups_verb, g] = add("groups", "Dead and failing deliveries by cause", "Example:\n  fabu deliveries groups");
  groups_verb->callback([&context, o = g] { groups(context, *o); });

  const auto [replay_verb, r] =
      add("replay", "Try dead deliveries again",
          "Counts first and asks; without a terminal give --yes. With no narrowing: every dead delivery.\n"
          "Examples:\n  fabu deliveries replay --channel noticeboard --code ipp.media-empty --dry-run\n"
          "  fabu deliveries replay --id 17-1-website --yes");
  narrow(replay_verb, r);
  replay_verb->add_option("--id", r->id, "This one delivery")->type_name("DELIVERY");
  replay_verb->add_flag("--dry-run", r->dry_run, "Only say how many match");
  replay_verb->add_flag("--yes", r->yes, "Do not ask");
  replay_verb->callback([&context, o = r] { replay(context, *o); });
}

}  // namespace fabu::cli
