#include "adapters/sdk/document_nesting.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

namespace fabu::sdk {
namespace {

using Names = std::unordered_set<std::string>;

// Void also in SVG and MathML, because HTML5 leaves those at such a tag.
const Names kVoid = {"br", "hr", "img", "meta", "embed"};
// Elements that end by themselves where a block's end tag comes.
const Names kImplied = {"p", "li", "dd", "dt"};
const Names kTablePart = {"td", "th", "tr", "tbody", "thead", "tfoot"};
const Names kBlocks = {"address",    "article", "aside",  "blockquote", "center", "div", "dl", "fieldset",
                       "figcaption", "figure",  "footer", "header",     "main",   "nav", "ol", "pre",
                       "section",    "ul",      "li",     "dd",         "dt",     "p",   "td", "th"};

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Nesting {
 public:
  std::size_t depth() const { return open_.size(); }

  void start(const std::string& name) {
    if (kVoid.contains(name)) return;
    if (foreign_ == 0) close_siblings(name);
    if (name == "svg" || name == "math") ++foreign_;
    open_.push_back(name);
  }

  void end(const std::string& name) {
    std::size_t at = open_.size();
    while (at > 0 && open_[at - 1] != name && gives_way(open_[at - 1], name)) --at;
    if (at == 0 || open_[at - 1] != name) return;
    while (open_.size() >= at) {
      if (open_.back() == "svg" || open_.back() == "math") --foreign_;
      open_.pop_back();
    }
  }

 private:
  bool gives_way(const std::string& open, const std::string& ended) const {
    if (foreign_ > 0) return false;
    const bool table = ended == "table" || kTablePart.contains(ended);
    if (table && kTablePart.contains(open)) return true;
    return kImplied.contains(open) && (table || kBlocks.contains(ended));
  }

  void close_siblings(const std::string& name) {
    const auto pop = [this](const Names& names) {
      if (!open_.empty() && names.contains(open_.back())) open_.pop_back();
    };
    if (name == "p" || name == "li") pop({name});
    if (name == "dd" || name == "dt") pop({"dd", "dt"});
    if (name == "td" || name == "th") pop({"td", "th"});
    if (name == "tr") {
      pop({"td", "th"});
      pop({"tr"});
    }
  }

  std::vector<std::string> open_;
  std::size_t foreign_ = 0;
};

// The end of the tag that begins at `at`, past its >; quotes hide a > inside them.
std::size_t past_tag(std::string_view html, std::size_t at) {
  char quote = 0;
  bool after_equals = false;
  for (; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '>') {
      return at + 1;
    } else if ((c == '"' || c == '\'') && after_equals) {
      quote = c;
    }
    if (c != ' ' && c != '\t' && c != '\n' && c != '\f' && c != '\r') after_equals = c == '=';
  }
  return html.size();
}

}  // namespace

bool nests_deeper_than(std::string_view html, std::size_t depth) {
  Nesting nesting;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at)) {
    if (html.substr(at, 4) == "<!--") {
      const std::size_t end = html.find("-->", at + 2);
      at = end == std::string_view::npos ? html.size() : end + 3;
      continue;
    }
    const bool closing = html.substr(at, 2) == "</";
    const std::size_t begin = at + (closing ? 2 : 1);
    if (begin >= html.size() || !is_name_start(html[begin])) {
      ++at;
      continue;
    }
    const std::size_t end = std::min(html.find_first_of(" \t\n\f\r/>", begin), html.size());
    std::string name(html.substr(begin, std::min<std::size_t>(end - begin, 32)));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (closing) {
      nesting.end(name);
    } else {
      nesting.start(name);
    }
    if (nesting.depth() > depth) return true;
    at = past_tag(html, end);
  }
  return false;
}

}  // namespace fabu::sdk
