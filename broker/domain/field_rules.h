// Rules that many fields share: texts, lists of texts, organisations. Each adds what it finds to the faults. Pure.
#pragma once

#include <fabu/v1/item.pb.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "broker/domain/faults.h"

namespace fabu::domain {

struct TextRule {
  std::string path;
  std::string_view value;
  std::size_t most;  // characters
  bool required = false;
  bool lines = false;  // line ends and tabs allowed
};

// The id of a rule: item.{path without indexes}.{what}.
std::string rule_id(std::string_view path, std::string_view what);
// "related[3]"
std::string element(std::string_view list, int index);
// Rules .required, .encoding, .too_long, .characters.
void check_text(const TextRule& rule, Faults& faults);
// Rule .too_many, and check_text for each; an element may not be empty.
void check_list(const std::string& path, const google::protobuf::RepeatedPtrField<std::string>& values, int most,
                std::size_t longest, Faults& faults);
// Rule .too_many.
void check_count(const std::string& path, int count, int most, Faults& faults);
// Name required; rule .uscc.check when there is a code and it is wrong.
void check_organization(const std::string& path, const v1::Organization& body, Faults& faults);

}  // namespace fabu::domain
