// QR codes (ISO/IEC 18004) for pages and paper.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fabu::sdk {

// A square of modules, true = dark, without the quiet zone (which must be 4 modules wide).
struct QrCode {
  unsigned size = 0;
  std::vector<bool> modules;  // row by row
  bool at(unsigned x, unsigned y) const { return modules[y * size + x]; }
};

// Error correction level M. Throws std::length_error when the text does not fit (about 2,300 bytes).
QrCode qr_code(std::string_view text);
// A self-contained SVG with quiet zone and a <title> for those who cannot see it.
std::string qr_svg(const QrCode&, std::string_view title);

}  // namespace fabu::sdk
