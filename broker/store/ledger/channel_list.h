// Channel names in one column, separated by commas, which no name has.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::store {

inline std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ",") + name;
  return all;
}

inline std::vector<std::string> split(std::string_view names) {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin < names.size();) {
    const auto end = std::min(names.find(',', begin), names.size());
    all.emplace_back(names.substr(begin, end - begin));
    begin = end + 1;
  }
  return all;
}

}  // namespace fabu::store
