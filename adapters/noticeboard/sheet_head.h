// What stands above and below the body: the red mark and rule, the title, notes of corrections and withdrawals, the foot.
#pragma once

#include <fabu/v1/delivery.pb.h>
#include <fabu/v1/item.pb.h>

#include <string>
#include <vector>

#include "adapters/noticeboard/sheet.h"
#include "adapters/noticeboard/sheet_body.h"
#include "adapters/noticeboard/strips.h"
#include "adapters/noticeboard/typesetter.h"

namespace fabu::noticeboard {

// Everything that a sheet says but its body.
struct SheetWords {
  std::string mark;    // 发文机关标志
  std::string doc_no;  // 发文字号, or nothing
  std::string title;
  std::vector<std::string> notes;                          // 更正说明 and the like, in a box under the title
  std::vector<std::pair<std::string, std::string>> facts;  // of the foot: name, value
  std::string url;
  std::string delivery_id;
};
SheetWords words_of(const v1::Work& work, const v1::Item& item, const SheetOptions& options);

std::vector<Strip> head_strips(const SheetWords& words, const Typesetter& typesetter);

// The foot of the last page. `draw` puts its top at y; it is as wide as the text area.
Strip foot_strip(const SheetWords& words, const Typesetter& typesetter);

}  // namespace fabu::noticeboard
