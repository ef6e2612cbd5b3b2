// Reads HTML as a browser would and says what in it a body may not have. Shared by the tests and the fuzz target; knows nothing
// of how the sanitiser works.
#pragma once

#include <gumbo.h>

#include <cctype>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fabu::sdk {

class HtmlChecker {
 public:
  // What is forbidden in the fragment, in words; empty = nothing.
  std::vector<std::string> problems(std::string_view fragment) {
    found_.clear();
    const std::string page =
        "<!DOCTYPE html><html><head><title>t</title></head><body><main>" + std::string(fragment) + "</main></body></html>";
    GumboOutput* const output = gumbo_parse_with_options(&kGumboDefaultOptions, page.data(), page.size());
    check(output->root);
    gumbo_destroy_output(&kGumboDefaultOptions, output);
    return found_;
  }

 private:
  static const std::map<std::string, std::set<std::string>>& allowed() {
    static const std::map<std::string, std::set<std::string>> kAllowed = {{"html", {}},
                                                                          {"head", {}},
                                                                          {"title", {}},
                                                                          {"body", {}},
                                                                          {"main", {}},
                                                                          {"p", {}},
                                                                          {"h1", {}},
                                                                          {"h2", {}},
                                                                          {"h3", {}},
                                                                          {"h4", {}},
                                                                          {"h5", {}},
                                                                          {"h6", {}},
                                                                          {"ul", {}},
                                                                          {"ol", {"start"}},
                                                                          {"li", {}},
                                                                          {"pre", {}},
                                                                          {"blockquote", {}},
                                                                          {"hr", {}},
                                                                          {"br", {}},
                                                                          {"table", {}},
                                                                          {"thead", {}},
                                                                          {"tbody", {}},
                                                                          {"tr", {}},
                                                                          {"strong", {}},
                                                                          {"em", {}},
                                                                          {"u", {}},
                                                                          {"s", {}},
                                                                          {"sup", {}},
                                                                          {"sub", {}},
                                                                          {"code", {}},
                                                                          {"a", {"href", "rel"}},
                                                                          {"img", {"src", "alt"}},
                                                                          {"th", {"scope", "colspan", "rowspan", "align"}},
                                                                          {"td", {"colspan", "rowspan", "align"}}};
    return kAllowed;
  }

  void check(const GumboNode* node) {
    if (node->type == GUMBO_NODE_COMMENT) found_.push_back("a comment");
    if (node->type == GUMBO_NODE_CDATA) found_.push_back("a CDATA section");
    if (node->type == GUMBO_NODE_TEMPLATE) found_.push_back("a template");
    if (node->type != GUMBO_NODE_ELEMENT) return;
    const GumboElement& element = node->v.element;
    const std::string name = gumbo_normalized_tagname(element.tag);
    const auto entry = allowed().find(name);
    if (element.tag_namespace != GUMBO_NAMESPACE_HTML || entry == allowed().end()) {
      found_.push_back("element " + (name.empty() ? std::string(element.original_tag.data, element.original_tag.length) : name));
    } else {
      for (unsigned i = 0; i < element.attributes.length; ++i) {
        check(*static_cast<const GumboAttribute*>(element.attributes.data[i]), name, entry->second);
      }
    }
    for (unsigned i = 0; i < element.children.length; ++i) check(static_cast<const GumboNode*>(element.children.data[i]));
  }

  void check(const GumboAttribute& attribute, const std::string& element, const std::set<std::string>& names) {
    const std::string name = attribute.name;
    const std::string value = attribute.value;
    if (!names.contains(name)) found_.push_back("attribute " + name + " of " + element);
    if (name == "href" && !is_safe_link(value)) found_.push_back("link to " + value);
    if (name == "src" && !is_own_file(value)) found_.push_back("image from " + value);
    if (name == "align" && value != "left" && value != "center" && value != "right") found_.push_back("align " + value);
    if ((name == "colspan" || name == "rowspan") && (std::atoi(value.c_str()) < 2 || std::atoi(value.c_str()) > 100)) {
      found_.push_back(name + " " + value);
    }
  }

  static bool is_safe_link(const std::string& url) {
    for (const unsigned char c : url) {
      if (c <= 0x20 || c == 0x7f) return false;
    }
    return url.rfind("https://", 0) == 0 || url.rfind("http://", 0) == 0 || url.rfind("mailto:", 0) == 0 ||
           url.rfind("#", 0) == 0;
  }

  static bool is_own_file(const std::string& url) {
    if (url.rfind("attachments/", 0) != 0) return false;
    for (const char c : url.substr(12)) {
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && std::string_view("%-._~").find(c) == std::string_view::npos)
        return false;
    }
    return url != "attachments/.." && url != "attachments/.";
  }

  std::vector<std::string> found_;
};

}  // namespace fabu::sdk
