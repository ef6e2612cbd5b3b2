// Whatever a body holds, in any format, the HTML that comes of it has allowed elements and safe addresses alone.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "adapters/sdk/document.h"
#include "tests/unit/sdk/html_checker.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  fabu::v1::Body body;
  body.set_format(static_cast<fabu::v1::BodyFormat>(1 + data[0] % 3));
  body.set_text(std::string(reinterpret_cast<const char*>(data + 1), size - 1));
  const fabu::sdk::Node document = fabu::sdk::document(body);
  fabu::sdk::to_text(document);
  fabu::sdk::HtmlChecker checker;
  for (const std::string& problem : checker.problems(fabu::sdk::to_html(document))) {
    std::fprintf(stderr, "came through: %s\n", problem.c_str());
    std::abort();
  }
  return 0;
}
