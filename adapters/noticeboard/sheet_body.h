// The body of a notice as strips: paragraphs, levels, lists, tables, and the signature that many notices end with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/noticeboard/strips.h"
#include "adapters/noticeboard/typesetter.h"
#include "adapters/sdk/document.h"

namespace fabu::noticeboard {

// Measures of GB/T 9704-2012, in points.
inline constexpr double kBodySize = 16;                       // 3号
inline constexpr double kPitch = 225.0 / 22 * 72 / 25.4;      // 22 lines on 225 mm
inline constexpr double kTextWidth = 156 * 72 / 25.4;         // 28 characters
inline constexpr double kGrid = kTextWidth / 28 - kBodySize;  // between characters, to fit the 28

class BodySetter {
 public:
  explicit BodySetter(const Typesetter& typesetter) : typesetter_(typesetter) {}

  // All of the body but the signature that it may end with.
  void document(const sdk::Node& root);
  // Sets that signature; false when the body has none.
  bool sign(const sdk::Node& root);
  // A paragraph of the body, its first line two characters in.
  void paragraph(const Text& text, double left = 0, bool heading = false);
  // A label two characters in, or so many more, and the text beside it, its lines below each other.
  void labelled(const Text& label, const Text& text, double more = 0);
  // Flush right, two characters from the edge; a date four.
  void signature(const Text& name, const Text& date);
  void space(double height);
  void add(Strip strip) { strips_.push_back(std::move(strip)); }

  // Strips at the end that must not stand on a page without text above them.
  std::size_t together() const { return together_; }
  std::vector<Strip> take() { return std::move(strips_); }

 private:
  void block(const sdk::Node& node, double left);
  void list(const sdk::Node& node, double left);
  void children(const sdk::Node& node, double left);
  void flush(const Text& text, double left);
  void lines(std::vector<Line> lines, double left, bool heading);

  const Typesetter& typesetter_;
  std::vector<Strip> strips_;
  std::size_t together_ = 0;
};

// A strip of one line of text.
Strip line_strip(Line line, double left, double height, double size);

}  // namespace fabu::noticeboard
