// The templates of web/site (Mustache, https://mustache.github.io/mustache.5.html). Every {{value}} is escaped by
// sdk::escape; {{{raw}}} is for HTML that this room made.
#pragma once

#include <filesystem>
#include <kainjow/mustache.hpp>
#include <map>
#include <string>
#include <string_view>

namespace fabu::website {

using Data = kainjow::mustache::data;
using DataList = kainjow::mustache::list;

class Templates {
 public:
  // Reads every *.mustache of the folder. Throws std::runtime_error when there is none or one is malformed.
  explicit Templates(const std::filesystem::path& folder);

  // Renders page `name` within layout.mustache; {{> part}} takes part.mustache. Thread-safe.
  std::string page(std::string_view name, Data& data) const;

 private:
  std::string render(const std::string& name, Data& data) const;

  std::map<std::string, std::string, std::less<>> sources_;
};

}  // namespace fabu::website
