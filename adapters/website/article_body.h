// The body of an item as its page shows it. On top of what every channel gets from sdk::to_html: an outline that begins below the
// page's title, headings made of paragraphs that are numbered as headings (一、 （一）), 主送机关 and signature where a Chinese
// document has them, columns of figures flush right, and wide content in boxes that scroll by themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/sdk/document.h"

namespace fabu::website {

// Safe HTML, without scripts, styles and ids. Pure: the same document gives the same bytes.
std::string article_html(const sdk::Node& document);

// A table with a box around it. `number` tells it from the others of its page; 0 = it is the only one.
std::string table_html(const sdk::Node& table, unsigned number);

// A title in pieces between which a line may be broken: words of Chinese by ICU's dictionary, and punctuation with the word that
// it belongs to. The pieces make up the title.
std::vector<std::string> title_pieces(std::string_view title);
// An index number or address in pieces: a line may be broken behind each "/".
std::vector<std::string> number_pieces(std::string_view number);

}  // namespace fabu::website
