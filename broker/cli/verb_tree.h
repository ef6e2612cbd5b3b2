// What the command line takes, as data: for completion and the manual, which therefore never say anything but what the parser
// does.
#pragma once

#include <string>
#include <vector>

namespace fabu::cli {

struct OptionShape {
  std::vector<std::string> names;    // with their dashes; one name without for a positional
  std::string value;                 // what its value is called, e.g. DIR; empty for a flag
  std::vector<std::string> choices;  // the only values it takes; empty when any will do
  std::string about;
  bool positional = false;
  bool required = false;
};

struct VerbTree {
  std::string name, about, footer;
  std::vector<OptionShape> options;  // in the order of --help
  std::vector<VerbTree> verbs;

  // The subverb of that name, or null.
  const VerbTree* find(const std::string& name) const;
};

// One word that may stand next.
struct Candidate {
  std::string word, about;
};

// What may stand in the place of the last of `words`, which may be begun or empty; the words before it are whole, without the
// program's name. Only those that begin like it. `files` is set when a file's or folder's name may stand there too.
std::vector<Candidate> complete(const VerbTree& root, const std::vector<std::string>& words, bool& files);

// The verbs and their options in man(7), a section of fabu(1).
std::string manual(const VerbTree& root);

}  // namespace fabu::cli
