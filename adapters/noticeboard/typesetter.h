// Sets text in lines: faces of Chinese official documents, breaking after the rules of Chinese punctuation, both edges even.
#pragma once

#include <pango/pangocairo.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::noticeboard {

// Faces by their role. Each is the first of several fonts that is installed; digits and Latin letters come from a Latin serif.
enum class Face { song, fangsong, hei, kai };

// Text in one style.
struct Span {
  std::string text;
  Face face = Face::fangsong;
  bool strong = false;
  bool underline = false;
  bool strike = false;
  int script = 0;      // 1 superscript, -1 subscript
  bool whole = false;  // no line may break inside
};
using Text = std::vector<Span>;

enum class Align { justify, left, center, right };

struct Setting {
  double size = 16;         // pt
  double width = 0;         // of the column, pt
  double first_indent = 0;  // of the first line, pt
  double spacing = 0;       // between characters, pt
  Align align = Align::justify;
};

// One line, ready to be drawn.
struct Line {
  std::shared_ptr<PangoLayout> layout;
  double x = 0;      // from the left of the column, pt
  double width = 0;  // pt
};

// Not thread-safe; one for each rendering. All lengths in points.
class Typesetter {
 public:
  Typesetter();

  // Breaks the text to the width. A newline in it ends a line.
  std::vector<Line> lines(const Text& text, const Setting& setting) const;
  // The width of the text on one line, and of the longest piece that may not be broken.
  double natural_width(const Text& text, double size) const;
  double least_width(const Text& text, double size) const;
  // Draws with its baseline at y.
  static void draw(cairo_t* to, const Line& line, double x, double baseline);

 private:
  struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
  };
  std::shared_ptr<PangoLayout> layout(const Text& text, const Setting& setting) const;

  std::unique_ptr<PangoContext, Unref> context_;
};

// The part of a text from byte `from` to byte `to` of its characters.
Text slice(const Text& text, std::size_t from, std::size_t to);
std::string plain(const Text& text);

}  // namespace fabu::noticeboard
