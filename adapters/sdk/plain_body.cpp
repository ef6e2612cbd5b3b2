#include "adapters/sdk/body_readers.h"
#include "adapters/sdk/document_builder.h"

namespace fabu::sdk {
namespace {

bool is_blank(std::string_view line) {
  while (!line.empty()) {
    if (line.substr(0, 3) == "\u3000") {
      line.remove_prefix(3);
    } else if (line.front() == ' ' || line.front() == '\t' || line.front() == '\r') {
      line.remove_prefix(1);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

Node read_plain(std::string_view text) {
  DocumentBuilder builder;
  bool in_paragraph = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (is_blank(line)) {
      builder.boundary();
      in_paragraph = false;
      continue;
    }
    if (in_paragraph) builder.line_break();
    builder.text(line);
    in_paragraph = true;
  }
  return builder.finish();
}

}  // namespace fabu::sdk
