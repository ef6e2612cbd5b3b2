#include <algorithm>

#include "broker/cli/verb_tree.h"

namespace fabu::cli {
namespace {

const OptionShape* option_named(const VerbTree& verb, const std::string& name) {
  for (const auto& option : verb.options) {
    if (std::find(option.names.begin(), option.names.end(), name) != option.names.end()) return &option;
  }
  return nullptr;
}

bool names_file(const OptionShape& option) {
  for (const char* word : {"FILE", "DIR", "PATH"}) {
    if (option.value.find(word) != std::string::npos) return true;
  }
  return false;
}

// Where the whole words before the last lead: to a verb, and perhaps to an option that waits for its value.
struct Place {
  const VerbTree* verb;
  const OptionShape* waiting = nullptr;
};

Place place_of(const VerbTree& root, const std::vector<std::string>& words) {
  Place place{&root};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (place.waiting) {
      place.waiting = nullptr;
    } else if (words[i].rfind('-', 0) == 0) {
      const auto* option = option_named(*place.verb, words[i]);
      if (option && !option->value.empty()) place.waiting = option;
    } else if (const auto* deeper = place.verb->find(words[i])) {
      place.verb = deeper;
    }
  }
  return place;
}

std::vector<Candidate> values_of(const OptionShape& option, bool& files) {
  std::vector<Candidate> values;
  for (const auto& choice : option.choices) values.push_back({choice, {}});
  files = files || names_file(option);
  return values;
}

}  // namespace

const VerbTree* VerbTree::find(const std::string& wanted) const {
  const auto found = std::find_if(verbs.begin(), verbs.end(), [&](const VerbTree& verb) { return verb.name == wanted; });
  return found == verbs.end() ? nullptr : &*found;
}

std::vector<Candidate> complete(const VerbTree& root, const std::vector<std::string>& words, bool& files) {
  files = false;
  const std::string begun = words.empty() ? std::string() : words.back();
  const auto place = place_of(root, words);
  std::vector<Candidate> all;
  if (place.waiting) {
    all = values_of(*place.waiting, files);
  } else {
    for (const auto& verb : place.verb->verbs) all.push_back({verb.name, verb.about});
    for (const auto& option : place.verb->options) {
      if (option.positional) {
        const auto values = values_of(option, files);
        all.insert(all.end(), values.begin(), values.end());
      } else if (begun.rfind('-', 0) == 0) {
        for (const auto& name : option.names) all.push_back({name, option.about});
      }
    }
  }
  all.erase(std::remove_if(all.begin(), all.end(), [&](const Candidate& one) { return one.word.rfind(begun, 0) != 0; }),
            all.end());
  return all;
}

}  // namespace fabu::cli
