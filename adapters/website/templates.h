// The templates of web/site (Mustache, https://mustache.github.io/mustache.5.html). Every {{value}} is escaped by
// sdk::escape; {{{raw}}} is for HTML that this room made.
#pragma once

#include <filesystem>
#include <kainjow/mustache.hpp>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace fabu::website {

using Data = kainjow::mustache::data;
using DataList = kainjow::mustache::list;

// Sets a value; an empty text as false, so that {{#name}} skips it and {{^name}} does not (Mustache itself takes any text for
// true).
void put(Data& data, const char* name, const std::string& text);
void put(Data& data, const char* name, bool value);
void put(Data& data, const char* name, const DataList& list);
void put(Data& data, const char* name, const char* text) = delete;  // would be taken for a bool

class Templates {
 public:
  // Reads every *.mustache of the folder; {{> part_x}} takes in part_x.mustache. Throws std::runtime_error when there is none or
  // one is malformed.
  explicit Templates(const std::filesystem::path& folder);

  // Renders page `name` within layout.mustache. Thread-safe, one page at a time: what a parsed template calls while rendering is
  // not const, and parsing anew each time would cost more than the page.
  std::string page(std::string_view name, Data& data) const;

 private:
  std::string render(std::string_view name, Data& data) const;

  mutable std::mutex mutex_;  // guards pages_
  mutable std::map<std::string, kainjow::mustache::mustache, std::less<>> pages_;
};

}  // namespace fabu::website
