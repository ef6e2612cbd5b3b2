#include "adapters/sdk/qr.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace fabu::sdk {
namespace {

TEST(Qr, HasTheThreeFinderPatterns) {
  const QrCode code = qr_code("https://example.gov.cn/items/42/");
  ASSERT_GE(code.size, 21u);
  ASSERT_EQ(code.modules.size(), code.size * code.size);
  for (const auto& [x, y] : {std::pair{0u, 0u}, std::pair{code.size - 7, 0u}, std::pair{0u, code.size - 7}}) {
    EXPECT_TRUE(code.at(x, y) && code.at(x + 6, y) && code.at(x + 3, y + 3) && code.at(x + 6, y + 6));
    EXPECT_FALSE(code.at(x + 1, y + 1));
  }
}

TEST(Qr, IsTheSameForTheSameText) {
  EXPECT_EQ(qr_code("澄州市").modules, qr_code("澄州市").modules);
}

TEST(Qr, RefusesTextThatDoesNotFit) {
  EXPECT_THROW(qr_code(std::string(3000, 'x')), std::length_error);
}

TEST(Qr, SvgKeepsAQuietZoneAndEscapesItsTitle) {
  const QrCode code = qr_code("x");
  const std::string svg = qr_svg(code, "<b>&\"");
  EXPECT_NE(svg.find("viewBox=\"0 0 29 29\""), std::string::npos);
  EXPECT_NE(svg.find("<title>&lt;b&gt;&amp;&quot;</title>"), std::string::npos);
  EXPECT_NE(svg.find("M4 4h7"), std::string::npos);
}

}  // namespace
}  // namespace fabu::sdk
