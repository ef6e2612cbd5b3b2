#include "adapters/sdk/document.h"

#include "adapters/sdk/body_readers.h"
#include "adapters/sdk/document_text.h"

namespace fabu::sdk {

Node document(const v1::Body& body) {
  const std::string text = clean_text(body.text());
  if (body.format() == v1::BODY_FORMAT_MARKDOWN) return read_markdown(text);
  if (body.format() == v1::BODY_FORMAT_HTML) return read_html(text);
  return read_plain(text);
}

}  // namespace fabu::sdk
