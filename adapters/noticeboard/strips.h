// What a page is made of: strips across the text area, and the rules by which they go on pages. Pure but for the drawing.
#pragma once

#include <cairo.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace fabu::noticeboard {

// A horizontal band: a line of a paragraph, a row of a table, a space.
struct Strip {
  double height = 0;
  // Draws the part of it from `from` to `to` (0 to height) with that part's top at y.
  std::function<void(cairo_t*, double x, double y, double from, double to)> draw;
  bool keep_with_next = false;        // a heading, or a line that may not be alone at a page's end
  bool whole = false;                 // and its next belong to a small table, better not broken
  bool space = false;                 // vanishes at the top of a page
  bool line = false;                  // of running text: may be drawn closer to its neighbours
  double divide = 0;                  // may be cut at multiples of this height when it is taller than a page; 0 = never
  double offset = 0;                  // where the first such cut may be
  std::shared_ptr<const Strip> head;  // of a table's row: repeated at the top of the next page
};

// A part of a strip at its place.
struct Placed {
  const Strip* strip;
  double y;  // from the top of the text area
  double from;
  double to;
};
using Page = std::vector<Placed>;

struct Frame {
  double height;        // of the text area
  double first_height;  // of the first page's, which holds the mark and the title
  double last_height;   // taken at the foot of the last page
};

// The same with lines closed up to `ratio` of their height; small tables are kept whole, or may be broken.
std::vector<Strip> arranged(std::vector<Strip> strips, double ratio, bool tables_whole);

// Puts the strips on pages. Strips that keep with the next are not at a page's end, the last `together` strips are on one page
// with the foot; the foot has a page for itself only after a single strip that cannot be cut and fills its page. The strips must
// outlive the pages.
std::vector<Page> paginate(const std::vector<Strip>& strips, const Frame& frame, std::size_t together);

}  // namespace fabu::noticeboard
