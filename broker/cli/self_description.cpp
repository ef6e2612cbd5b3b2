// fabu complete, fabu manual: the program describes itself to the shell's completion and to the maker of its manual. Both are
// hidden: people meet them through <TAB> and man(1).
#include <ostream>

#include "broker/cli/verb_tree.h"
#include "broker/cli/verbs.h"

namespace fabu::cli {

void add_self_description(Verb root, Context& context) {
  auto words = std::make_shared<std::vector<std::string>>();
  auto complete_verb = root.add_subcommand("complete",
                                           "Print what may stand next, a word and its meaning a line; a last line <files> "
                                           "when a file may. Called by the shell's completion");
  complete_verb.hide();
  complete_verb.add_option("words", *words, "The words so far, the last one begun or empty; after a --")->type_name("WORDS");
  complete_verb.callback([&context, root, words] {
    bool files = false;
    for (const auto& [word, about] : complete(root.tree(), *words, files)) *context.out << word << '\t' << about << '\n';
    if (files) *context.out << "<files>\n";
  });
  auto manual_verb = root.add_subcommand("manual", "Print the verbs and their options in man(7)");
  manual_verb.hide();
  manual_verb.callback([&context, root] { *context.out << manual(root.tree()); });
}

}  // namespace fabu::cli
