// The readers of the three body formats. All take clean text (document_text.h) and keep document.h's promises.
#pragma once

#include <string_view>

#include "adapters/sdk/document.h"

namespace fabu::sdk {

Node read_markdown(std::string_view text);
Node read_html(std::string_view text);
Node read_plain(std::string_view text);

}  // namespace fabu::sdk
