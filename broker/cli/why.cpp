// fabu why: plain words on where an item is, what blocks it, and what happens next.
#include <fabu/v1/api.pb.h>

#include <ostream>

#include "broker/cli/doorway.h"
#include "broker/cli/verbs.h"

namespace fabu::cli {

void add_why(Verb app, Context& context) {
  struct Options {
    std::shared_ptr<Where> where;
    bool json = false;
    std::string item;
  };
  auto o = std::make_shared<Options>();
  auto verb = app.add_subcommand("why", "Why an item is where it is: its route, every attempt, what blocks it, what comes next");
  verb->footer("Examples:\n  fabu why 17\n  fabu why TRADING:GC-2026-031");
  o->where = add_where(verb);
  verb->add_flag("--json", o->json, "The API's answer on one line");
  verb->add_option("item", o->item, "Item number, 索引号, or DEPARTMENT:REFERENCE")->required();
  verb->callback([&context, o] {
    const auto door = open_door(context, *o->where);
    v1::Why why;
    if (!door || !ask(context, *door, "GET", "/v1/items/" + percent_encode(o->item) + "/why", nullptr, why)) return;
    if (o->json) {
      *context.out << one_line_json(why) << '\n';
      return;
    }
    const bool chinese = (context.language == Language::zh && why.lines_size() != 0) || why.lines_en_size() == 0;
    for (const auto& line : chinese ? why.lines() : why.lines_en()) *context.out << line << '\n';
  });
}

}  // namespace fabu::cli
