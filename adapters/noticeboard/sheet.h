// One notice on paper (公开栏张贴件): the layout of GB/T 9704-2012 adapted to a sheet that is read standing, as a PDF.
//
// A4 portrait, text area 156 x 225 mm (head 37, left 28 mm), body 3号 with 28 characters a line and a pitch of 29 pt, levels in
// 黑体 and 楷体, title 1号 and centred, red publisher mark and rule, page numbers — 1 — outside, and at the foot of the last page
// the posting period, the 索引号 and a QR code of the page on the web. A3 is the same, 1.414 times as large.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <string>

namespace fabu::noticeboard {

enum class Media { a4, a3 };

struct SheetOptions {
  std::string base_url;   // of the public site, without a slash at the end; the QR code leads to {base_url}/items/{id}/
  std::string site_name;  // shown beside the QR code
  Media media = Media::a4;
};

struct Sheet {
  std::string pdf;
  unsigned pages = 0;
};

// The sheet of a publication, or of the 撤回 notice when the delivery's action is to withdraw. The same work and options give the
// same bytes on the same machine (fonts are the machine's; dates in the file are those of the edition). Thread-safe: Pango's font
// map is one a thread. Throws std::invalid_argument when the edition's content is not an Item, std::runtime_error when cairo
// fails.
Sheet render_sheet(const v1::Work& work, const SheetOptions& options);

}  // namespace fabu::noticeboard
