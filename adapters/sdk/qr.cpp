#include "adapters/sdk/qr.h"

#include <qrencode.h>

#include <memory>
#include <stdexcept>

#include "adapters/sdk/document.h"

namespace fabu::sdk {

QrCode qr_code(std::string_view text) {
  struct Free {
    void operator()(QRcode* code) const { QRcode_free(code); }
  };
  const std::unique_ptr<QRcode, Free> code(
      QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
  if (code == nullptr) throw std::length_error("text of " + std::to_string(text.size()) + " bytes does not fit in a QR code");
  QrCode out;
  out.size = static_cast<unsigned>(code->width);
  out.modules.resize(static_cast<std::size_t>(out.size) * out.size);
  for (std::size_t i = 0; i < out.modules.size(); ++i) out.modules[i] = (code->data[i] & 1) != 0;
  return out;
}

std::string qr_svg(const QrCode& code, std::string_view title) {
  const std::string side = std::to_string(code.size + 8);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
                    "\" role=\"img\" shape-rendering=\"crispEdges\"><title>" + escape(title) + "</title><rect width=\"" + side +
                    "\" height=\"" + side + "\" fill=\"#fff\"/><path fill=\"#000\" d=\"";
  for (unsigned y = 0; y < code.size; ++y) {
    for (unsigned x = 0; x < code.size;) {
      unsigned run = 0;
      while (x + run < code.size && code.at(x + run, y)) ++run;
      if (run > 0)
        svg += "M" + std::to_string(x + 4) + " " + std::to_string(y + 4) + "h" + std::to_string(run) + "v1h-" +
               std::to_string(run) + "z";
      x += run > 0 ? run : 1;
    }
  }
  return svg + "\"/></svg>";
}

}  // namespace fabu::sdk
