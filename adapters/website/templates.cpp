#include "adapters/website/templates.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "adapters/sdk/document.h"

namespace fabu::website {
namespace m = kainjow::mustache;

Templates::Templates(const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".mustache") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string source{std::istreambuf_iterator<char>(in), {}};
    if (const m::mustache check(source); !check.is_valid()) {
      throw std::runtime_error("template " + entry.path().string() + ": " + check.error_message());
    }
    sources_.emplace(entry.path().stem().string(), std::move(source));
  }
  if (!sources_.contains("layout")) throw std::runtime_error("no website templates in " + folder.string());
}

std::string Templates::render(const std::string& name, Data& data) const {
  const auto found = sources_.find(name);
  if (found == sources_.end()) throw std::runtime_error("no website template " + name);
  // Parsed anew each time: a parsed template keeps the state of its rendering and so belongs to one thread. Parsing costs about
  // as much as filling in (tens of microseconds).
  m::mustache page(found->second);
  page.set_custom_escape([](const std::string& text) { return sdk::escape(text); });
  return page.render(data);
}

std::string Templates::page(std::string_view name, Data& data) const {
  for (const auto& [part, source] : sources_) {
    if (part.starts_with("part_")) data.set(part, m::partial([&text = source] { return text; }));
  }
  const std::string content = render(std::string(name), data);
  data.set("content", content);
  return render("layout", data);
}

}  // namespace fabu::website
