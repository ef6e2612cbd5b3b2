// A document as HTML and as plain text.
#include <algorithm>
#include <string>

#include "adapters/sdk/document.h"
#include "adapters/sdk/document_text.h"

namespace fabu::sdk {
namespace {

// Unreserved characters of RFC 3986 stay; the rest is percent-encoded, so that a name is one path segment.
std::string encoded_name(std::string_view name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

class HtmlWriter {
 public:
  explicit HtmlWriter(int heading_shift) : heading_shift_(heading_shift) {}

  void write(const Node& node) {
    switch (node.tag) {
      case Tag::root:
        return children(node);
      case Tag::text:
        out += escape(node.text);
        return;
      case Tag::paragraph:
        return wrapped("p", "", node, "\n");
      case Tag::heading:
        return heading(node);
      case Tag::unordered_list:
        return wrapped("ul", "", node, "\n");
      case Tag::ordered_list:
        return wrapped("ol", node.start == 1 ? "" : " start=\"" + std::to_string(node.start) + "\"", node, "\n");
      case Tag::list_item:
        return wrapped("li", "", node, "\n");
      case Tag::quote:
        return wrapped("blockquote", "", node, "\n");
      case Tag::code_block:
        out += "<pre><code>" + escape(node.text) + "</code></pre>\n";
        return;
      case Tag::rule:
        out += "<hr>\n";
        return;
      case Tag::table:
        return table(node);
      case Tag::table_row:
        return wrapped("tr", "", node, "\n");
      case Tag::header_cell:
        return wrapped("th", " scope=\"" + scope_ + "\"" + cell_attributes(node), node, "");
      case Tag::cell:
        return wrapped("td", cell_attributes(node), node, "");
      case Tag::line_break:
        out += "<br>";
        return;
      case Tag::strong:
        return wrapped("strong", "", node, "");
      case Tag::emphasis:
        return wrapped("em", "", node, "");
      case Tag::underline:
        return wrapped("u", "", node, "");
      case Tag::strike:
        return wrapped("s", "", node, "");
      case Tag::superscript:
        return wrapped("sup", "", node, "");
      case Tag::subscript:
        return wrapped("sub", "", node, "");
      case Tag::code:
        return wrapped("code", "", node, "");
      case Tag::link:
        return link(node);
      case Tag::image:
        return image(node);
    }
  }

  std::string out;

 private:
  void children(const Node& node) {
    for (const Node& child : node.children) write(child);
  }

  void wrapped(const std::string& name, const std::string& attributes, const Node& node, const char* after) {
    out += "<" + name + attributes + ">";
    children(node);
    out += "</" + name + ">" + after;
  }

  void heading(const Node& node) { wrapped("h" + std::to_string(std::clamp(node.level + heading_shift_, 1, 6)), "", node, "\n"); }

  // Rows of header cells alone at the top are the head.
  void table(const Node& node) {
    const auto is_head = [](const Node& row) {
      return !row.children.empty() &&
             std::all_of(row.children.begin(), row.children.end(), [](const Node& cell) { return cell.tag == Tag::header_cell; });
    };
    const auto body = std::find_if_not(node.children.begin(), node.children.end(), is_head);
    out += "<table>\n";
    scope_ = "col";
    section("thead", node.children.begin(), body);
    scope_ = "row";
    section("tbody", body, node.children.end());
    out += "</table>\n";
  }

  void section(const std::string& name, std::vector<Node>::const_iterator from, std::vector<Node>::const_iterator to) {
    if (from == to) return;
    out += "<" + name + ">\n";
    const std::string scope = scope_;
    for (; from != to; ++from) {
      write(*from);
      scope_ = scope;  // a table in a cell sets its own
    }
    out += "</" + name + ">\n";
  }

  static std::string cell_attributes(const Node& cell) {
    std::string attributes;
    if (cell.colspan > 1) attributes += " colspan=\"" + std::to_string(cell.colspan) + "\"";
    if (cell.rowspan > 1) attributes += " rowspan=\"" + std::to_string(cell.rowspan) + "\"";
    if (!cell.align.empty()) attributes += " align=\"" + escape(cell.align) + "\"";
    return attributes;
  }

  void link(const Node& node) {
    const bool external = node.text.rfind("http", 0) == 0;
    wrapped("a", " href=\"" + escape(node.text) + "\"" + (external ? " rel=\"noopener nofollow\"" : ""), node, "");
  }

  void image(const Node& node) {
    const std::string name = attachment_name(node.text);
    if (name.empty()) {
      out += escape(node.title);
      return;
    }
    out += "<img src=\"attachments/" + encoded_name(name) + "\" alt=\"" + escape(node.title) + "\">";
  }

  int heading_shift_;
  std::string scope_ = "col";
};

class TextWriter {
 public:
  void write(const Node& node) {
    switch (node.tag) {
      case Tag::text:
        out += node.text;
        return;
      case Tag::code_block:
        line();
        out += node.text;
        return line();
      case Tag::image:
        out += node.title;
        return;
      case Tag::line_break:
        return line();
      case Tag::rule:
        return line();
      case Tag::table_row:
        return row(node);
      case Tag::root:
      case Tag::paragraph:
      case Tag::heading:
      case Tag::unordered_list:
      case Tag::ordered_list:
      case Tag::list_item:
      case Tag::quote:
      case Tag::table:
        line();
        children(node);
        return line();
      case Tag::header_cell:
      case Tag::cell:
      case Tag::strong:
      case Tag::emphasis:
      case Tag::underline:
      case Tag::strike:
      case Tag::superscript:
      case Tag::subscript:
      case Tag::code:
      case Tag::link:
        return children(node);
    }
  }

  std::string out;

 private:
  void children(const Node& node) {
    for (const Node& child : node.children) write(child);
  }

  void line() {
    if (!out.empty() && out.back() != '\n') out += '\n';
  }

  void row(const Node& node) {
    line();
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (i > 0) out += '\t';
      TextWriter cell;
      cell.write(node.children[i]);
      while (!cell.out.empty() && cell.out.back() == '\n') cell.out.pop_back();
      std::replace(cell.out.begin(), cell.out.end(), '\n', ' ');
      out += cell.out;
    }
    out += '\n';
  }
};

}  // namespace

std::string to_html(const Node& document, int heading_shift) {
  HtmlWriter writer(heading_shift);
  writer.write(document);
  return std::move(writer.out);
}

std::string to_text(const Node& document) {
  TextWriter writer;
  writer.write(document);
  return std::move(writer.out);
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char lead = static_cast<unsigned char>(text[at]);
    if (lead >= 0x80) {
      const char32_t c = next_character(text, at);
      if (c != 0xfffe && c != 0xffff) append_utf8(out, c);
      continue;
    }
    ++at;
    switch (lead) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (lead >= 0x20 || lead == '\t' || lead == '\n' || lead == '\r') out += static_cast<char>(lead);
    }
  }
  return out;
}

}  // namespace fabu::sdk
