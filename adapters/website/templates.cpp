#include "adapters/website/templates.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "adapters/sdk/document.h"

namespace fabu::website {
namespace m = kainjow::mustache;
namespace {

// Partials are taken in once, as text: the library would read and parse them at every use.
std::string with_parts(std::string source, const std::map<std::string, std::string>& sources) {
  for (auto at = source.find("{{> "); at != std::string::npos; at = source.find("{{> ", at)) {
    const auto end = source.find("}}", at);
    const std::string name = source.substr(at + 4, end - at - 4);
    const auto part = sources.find(name);
    if (end == std::string::npos || part == sources.end()) throw std::runtime_error("no website template " + name);
    source.replace(at, end + 2 - at, part->second);
  }
  return source;
}

}  // namespace

void put(Data& data, const char* name, const std::string& text) {
  if (text.empty()) {
    data.set(name, false);
  } else {
    data.set(name, text);
  }
}

void put(Data& data, const char* name, bool value) {
  data.set(name, value);
}
void put(Data& data, const char* name, const DataList& list) {
  data.set(name, list);
}

Templates::Templates(const std::filesystem::path& folder) {
  std::map<std::string, std::string> sources;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".mustache") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    sources.emplace(entry.path().stem().string(), std::string{std::istreambuf_iterator<char>(in), {}});
  }
  if (!sources.contains("layout")) throw std::runtime_error("no website templates in " + folder.string());
  for (const auto& [name, source] : sources) {
    if (name.starts_with("part_")) continue;
    m::mustache page(with_parts(source, sources));
    if (!page.is_valid()) throw std::runtime_error("website template " + name + ": " + page.error_message());
    page.set_custom_escape([](const std::string& text) { return sdk::escape(text); });
    pages_.emplace(name, std::move(page));
  }
}

std::string Templates::render(std::string_view name, Data& data) const {
  const std::lock_guard lock(mutex_);
  const auto page = pages_.find(name);
  if (page == pages_.end()) throw std::runtime_error("no website template " + std::string(name));
  return page->second.render(data);
}

std::string Templates::page(std::string_view name, Data& data) const {
  put(data, "content", render(name, data));
  return render("layout", data);
}

}  // namespace fabu::website
