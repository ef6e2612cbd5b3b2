// fabu channels: which run, which wait and why; pausing and resuming.
#include <fabu/v1/api.pb.h>

#include <ostream>

#include "broker/cli/doorway.h"
#include "broker/cli/table.h"
#include "broker/cli/verbs.h"

namespace fabu::cli {
namespace {

struct Options {
  std::shared_ptr<Where> where;
  bool json = false;
  std::string channel, reason;
};

void print(Context& context, const Options& o, const v1::ChannelList& list) {
  Table table({"CHANNEL", "KIND", "STATE", "WAITING", "IN FLIGHT", "DEAD", "TRIES AGAIN", "REASON"});
  for (const auto& channel : list.channels()) {
    if (o.json) {
      *context.out << one_line_json(channel) << '\n';
    } else {
      table.row({channel.name(), channel.kind(), channel.state(), std::to_string(channel.waiting()),
                 std::to_string(channel.in_flight()), std::to_string(channel.dead()), show_time(channel.until_ms()),
                 channel.reason()});
    }
  }
  if (!o.json) table.print(*context.out);
}

void list(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  v1::ChannelList channels;
  if (door && ask(context, *door, "GET", "/v1/channels", nullptr, channels)) print(context, o, channels);
}

void change(Context& context, const Options& o, const char* act) {
  const auto door = open_door(context, *o.where);
  if (!door) return;
  v1::ChannelView request;  // only its reason is read
  request.set_reason(o.reason);
  v1::ChannelList after;
  const std::string path = "/v1/channels/" + percent_encode(o.channel) + ":" + act;
  if (ask(context, *door, "POST", path, &request, *after.add_channels())) print(context, o, after);
}

}  // namespace

void add_channels(Verb app, Context& context) {
  auto channels = app.add_subcommand("channels", "Channels: list, pause, resume");
  channels->require_subcommand();
  const auto add = [&](const char* name, const char* about, const char* example) {
    auto o = std::make_shared<Options>();
    auto verb = channels->add_subcommand(name, about);
    verb->footer(std::string("Example:\n  ") + example);
    o->where = add_where(verb);
    verb->add_flag("--json", o->json, "One JSON object a line");
    return std::pair(verb, o);
  };
  const auto [list_verb, l] = add("list", "Every channel and its state", "fabu channels list");
  list_verb->callback([&context, o = l] { list(context, *o); });
  const auto [pause_verb, p] =
      add("pause", "Stop sending; deliveries wait, no try is lost", "fabu channels pause noticeboard --reason '打印机维修'");
  pause_verb->add_option("channel", p->channel, "Its name")->required();
  pause_verb->add_option("--reason", p->reason, "For the audit log and whoever looks next")->required();
  pause_verb->callback([&context, o = p] { change(context, *o, "pause"); });
  const auto [resume_verb, r] = add("resume", "Go on at once, whatever stopped it", "fabu channels resume noticeboard");
  resume_verb->add_option("channel", r->channel, "Its name")->required();
  resume_verb->callback([&context, o = r] { change(context, *o, "resume"); });
}

}  // namespace fabu::cli
