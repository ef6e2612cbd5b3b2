// Tables on paper: columns as wide as what they hold, the head on every page, rules of 0.25 mm.
#pragma once

#include <vector>

#include "adapters/noticeboard/strips.h"
#include "adapters/noticeboard/typesetter.h"
#include "adapters/sdk/document.h"

namespace fabu::noticeboard {

// One strip for each row (rows that a cell joins make one strip). The size is 12 pt, smaller when the table would not fit. A
// table that would be unreadable at 9 pt is set in parts, one below the other, each with the first column (the first two where
// the first is an ordinal); one with joined cells is not, and numbers and words are broken where at 8 pt nothing else helps. A
// table no higher than a third of a page is kept together.
std::vector<Strip> table_strips(const sdk::Node& table, double width, const Typesetter& typesetter);

// The text of inline nodes; blocks inside become lines.
Text inline_text(const sdk::Node& node, Face face);

// Widths of columns that add up to `width`: none below its least one if that can be, the rest shared by what each would like.
std::vector<double> column_widths(const std::vector<double>& least, const std::vector<double>& natural, double width);

}  // namespace fabu::noticeboard
