#include "adapters/noticeboard/sheet.h"

#include <cairo-pdf.h>

#include <memory>
#include <numeric>
#include <stdexcept>

#include "adapters/noticeboard/sheet_body.h"
#include "adapters/noticeboard/sheet_head.h"
#include "adapters/noticeboard/strips.h"
#include "adapters/noticeboard/typesetter.h"
#include "adapters/sdk/document.h"
#include "adapters/sdk/official_text.h"
#include "proto/fabu/time.h"

namespace fabu::noticeboard {
namespace {

constexpr double kMillimetre = 72 / 25.4;
constexpr double kPageWidth = 210 * kMillimetre, kPageHeight = 297 * kMillimetre;
constexpr double kTop = 37 * kMillimetre, kLeft = 28 * kMillimetre, kTextHeight = 225 * kMillimetre;
constexpr double kA3 = 1.4142857;  // 420 / 297

double height_of(const std::vector<Strip>& strips) {
  return std::accumulate(strips.begin(), strips.end(), 0.0, [](double sum, const Strip& strip) { return sum + strip.height; });
}

std::string date_of(const v1::Item& item) {
  const auto day = parse_date(item.formed_date());
  return day ? format_chinese_date(*day) : item.formed_date();
}

// 附件说明: what belongs to the notice and is not on the paper.
void add_attachments(const v1::Item& item, BodySetter& body) {
  if (item.attachments().empty()) return;
  body.space(kPitch / 2);
  const bool several = item.attachments_size() > 1;
  for (int i = 0; i < item.attachments_size(); ++i) {
    const std::string number = several ? std::to_string(i + 1) + "." : "";
    const double below = i == 0 ? 0 : 3 * (kBodySize + kGrid);  // under the first name
    body.labelled({{(i == 0 ? "附件：" : "") + number, Face::fangsong}}, {{item.attachments(i).name(), Face::fangsong}}, below);
  }
}

void set_publication(const v1::Item& item, BodySetter& body) {
  const sdk::Node document = sdk::lines_apart(sdk::document(item.body()));
  body.document(document);
  add_attachments(item, body);
  if (body.sign(document)) return;
  body.signature({{item.publisher().name(), Face::fangsong}}, {{date_of(item), Face::fangsong}});
}

void set_withdrawal(const v1::Work& work, const v1::Item& item, const SheetWords& words, BodySetter& body) {
  std::string index;
  for (const auto& [name, value] : words.facts) {
    if (name == "索引号") index = "（索引号：" + value + "）";
  }
  body.paragraph(
      {{item.publisher().name() + "发布的《" + item.title() + "》" + index + "现予撤回，自即日起不再张贴、不再提供查询。",
        Face::fangsong}});
  if (!work.edition().reason().empty()) body.paragraph({{"撤回原因：" + work.edition().reason(), Face::fangsong}});
  body.paragraph({{"特此通知。", Face::fangsong}});
  const std::string day = format_chinese_date(shanghai_date(from_ms(work.edition().received_ms())));
  body.signature({{item.publisher().name(), Face::fangsong}}, {{day, Face::fangsong}});
}

cairo_status_t append(void* to, const unsigned char* bytes, unsigned length) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), length);
  return CAIRO_STATUS_SUCCESS;
}

// The PDF that is being written.
class Paper {
 public:
  Paper(Media media, const v1::Work& work, const std::string& title) : scale_(media == Media::a3 ? kA3 : 1) {
    surface_.reset(cairo_pdf_surface_create_for_stream(append, &pdf_, kPageWidth * scale_, kPageHeight * scale_));
    // What the clock says must not change the bytes: a retry has to give the same digest.
    const std::string made = format_utc(from_ms(work.edition().received_ms() / 1000 * 1000)).substr(0, 19) + "Z";
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_TITLE, title.c_str());
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_SUBJECT, work.delivery().id().c_str());
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATOR, "fabu");
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATE_DATE, made.c_str());
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_MOD_DATE, made.c_str());
    context_.reset(cairo_create(surface_.get()));
    cairo_scale(context_.get(), scale_, scale_);
  }

  cairo_t* context() const { return context_.get(); }

  std::string finish() {
    context_.reset();
    cairo_surface_finish(surface_.get());
    const cairo_status_t status = cairo_surface_status(surface_.get());
    if (status != CAIRO_STATUS_SUCCESS) throw std::runtime_error(std::string("cairo: ") + cairo_status_to_string(status));
    surface_.reset();
    return std::move(pdf_);
  }

 private:
  struct Destroy {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* context) const { cairo_destroy(context); }
  };
  double scale_;
  std::string pdf_;
  std::unique_ptr<cairo_surface_t, Destroy> surface_;
  std::unique_ptr<cairo_t, Destroy> context_;
};

// — 1 — (section 7.5): 4号, 7 mm under the text area, outside: right on odd pages, left on even ones, one character in.
void draw_page_number(cairo_t* to, std::size_t number, const Typesetter& typesetter) {
  constexpr double kSize = 14;
  Setting setting;
  setting.size = kSize;
  setting.width = kTextWidth - 2 * kSize;
  setting.align = number % 2 == 1 ? Align::right : Align::left;
  const auto lines = typesetter.lines({{"— " + std::to_string(number) + " —", Face::fangsong}}, setting);
  for (const Line& line : lines) Typesetter::draw(to, line, kLeft + kSize, kTop + kTextHeight + 7 * kMillimetre + kSize * 0.76);
}

// The delivery's id on each page tells which sheet a loose page belongs to.
void draw_delivery_id(cairo_t* to, const std::string& id, std::size_t number, std::size_t of, const Typesetter& typesetter) {
  Setting setting;
  setting.size = 7;
  setting.width = kTextWidth;
  setting.align = Align::center;
  const std::string text = id + "　第" + std::to_string(number) + "页，共" + std::to_string(of) + "页";
  cairo_save(to);
  cairo_set_source_rgb(to, 0.35, 0.35, 0.35);
  for (const Line& line : typesetter.lines({{text, Face::fangsong}}, setting)) {
    Typesetter::draw(to, line, kLeft, kTop + kTextHeight + 15 * kMillimetre);
  }
  cairo_restore(to);
}

// The strips on their pages. Where a sheet is saved by it, lines are closed up, which the standard allows where what is left does
// not fit (特殊情况说明), and failing that small tables are broken.
class Layout {
 public:
  Layout(const std::vector<Strip>& strips, const Frame& frame, std::size_t together)
      : strips_(arranged(strips, 1, true)), pages_(paginate(strips_, frame, together)) {
    for (const bool tables_whole : {true, false}) {
      for (const double ratio : {1.0, 0.97, 0.94, 0.91}) {
        if (pages_.size() < 2) return;
        std::vector<Strip> other = arranged(strips, ratio, tables_whole);
        std::vector<Page> pages = paginate(other, frame, together);
        if (pages.size() >= pages_.size()) continue;
        strips_ = std::move(other);  // its strips stay where they are, and the pages point to them
        pages_ = std::move(pages);
        return;
      }
    }
  }
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;
  const std::vector<Page>& pages() const { return pages_; }

 private:
  std::vector<Strip> strips_;
  std::vector<Page> pages_;
};

void draw_strips(cairo_t* to, const std::vector<Strip>& strips) {
  double y = kTop;
  for (const Strip& strip : strips) {
    strip.draw(to, kLeft, y, 0, strip.height);
    y += strip.height;
  }
}

}  // namespace

Sheet render_sheet(const v1::Work& work, const SheetOptions& options) {
  v1::Item item;
  if (!item.ParseFromString(work.edition().content())) throw std::invalid_argument("the edition's content is not an Item");
  const Typesetter typesetter;
  const SheetWords words = words_of(work, item, options);
  const std::vector<Strip> head = head_strips(words, typesetter);
  const Strip foot = foot_strip(words, typesetter);
  BodySetter body(typesetter);
  if (work.delivery().action() == v1::ACTION_WITHDRAW) {
    set_withdrawal(work, item, words, body);
  } else {
    set_publication(item, body);
  }
  const std::size_t together = body.together();
  const double foot_room = foot.height + kPitch / 2;
  const Frame frame{kTextHeight, std::max(kTextHeight - height_of(head), 3 * kPitch), foot_room};
  const Layout layout(body.take(), frame, together);
  const std::vector<Page>& pages = layout.pages();

  Paper paper(options.media, work, words.title);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const double top = i == 0 ? kTop + height_of(head) : kTop;
    if (i == 0) draw_strips(paper.context(), head);
    for (const Placed& part : pages[i]) part.strip->draw(paper.context(), kLeft, top + part.y, part.from, part.to);
    if (i + 1 == pages.size()) foot.draw(paper.context(), kLeft, kTop + kTextHeight - foot.height, 0, foot.height);
    draw_page_number(paper.context(), i + 1, typesetter);
    draw_delivery_id(paper.context(), words.delivery_id, i + 1, pages.size(), typesetter);
    cairo_show_page(paper.context());
  }
  return {paper.finish(), static_cast<unsigned>(pages.size())};
}

}  // namespace fabu::noticeboard
