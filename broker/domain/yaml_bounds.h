// Looks at the events of a YAML text before a tree is built from it, so that a hostile file costs no more than its own size.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fabu::domain {

inline constexpr std::size_t kMostYamlBytes = 4 << 20;
inline constexpr unsigned kMostYamlDepth = 16;

// A fault and its place; line and column from 1, 0 = the file as a whole.
struct YamlFault {
  int line = 0, column = 0;
  std::string what, todo;
};

// The first thing that keeps a text from being read: not YAML, not UTF-8, larger than 4 MiB, more than one document, deeper than
// 16 levels, an alias (small files would expand without bound), a tag (a value would be of another type than it looks).
std::optional<YamlFault> yaml_bounds(std::string_view yaml);

}  // namespace fabu::domain
