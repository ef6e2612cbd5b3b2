#include "broker/domain/text_rules.h"

#include <gmock/gmock.h>

namespace fabu::domain {
namespace {

TEST(TextRules, TellsUtf8FromWhatIsNot) {
  for (const char* good : {"", "a", "字", "𠮷", "\xF4\x8F\xBF\xBF"}) EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xE5\xAD", "\xE5", "a\xFF", "\xE5\x41\x41"}) {
    EXPECT_FALSE(is_utf8(bad)) << testing::PrintToString(std::string(bad));
  }
}

TEST(TextRules, CountsCodePoints) {
  EXPECT_EQ(characters(""), 0U);
  EXPECT_EQ(characters("a字𠮷"), 3U);
}

TEST(TextRules, ForbidsWhatMakesTextLookOtherThanItIs) {
  for (const char* bad : {"\x01", "\x7F", "\xC2\x80", "\xD8\x9C", "\xE1\xA0\x8E", "\xE2\x80\x8B", "\xE2\x80\x8D", "\xE2\x80\xA8",
                          "\xE2\x80\xAE", "\xE2\x81\xA0", "\xE2\x81\xA9", "\xEF\xB7\x90", "\xEF\xBB\xBF", "\xEF\xBF\xB9",
                          "\xEF\xBF\xBE", "\xF0\x9F\xBF\xBF", "\xF3\xA0\x81\x81"}) {
    EXPECT_TRUE(has_forbidden_characters(bad, true)) << testing::PrintToString(std::string(bad));
  }
  EXPECT_FALSE(has_forbidden_characters("中文 English ——（）〔〕《》“”…①㎡≥☑ 𠮷😀 \xC2\xA0", false));
}

TEST(TextRules, AllowsLineEndsAndTabsOnlyInTextsOfManyLines) {
  for (const char* text : {"a\nb", "a\tb"}) {
    EXPECT_FALSE(has_forbidden_characters(text, true));
    EXPECT_TRUE(has_forbidden_characters(text, false));
  }
  EXPECT_TRUE(has_forbidden_characters("a\rb", true));
}

TEST(TextRules, TellsBlankText) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\r\n\xE3\x80\x80\xC2\xA0"));
  EXPECT_FALSE(is_blank(" a "));
  EXPECT_FALSE(is_blank("\xFF"));
}

TEST(TextRules, QuotesOnlyWhatCanBeShown) {
  EXPECT_EQ(quoted("某字段", 10), "某字段");
  EXPECT_EQ(quoted("某字段", 2), "某字…");
  EXPECT_EQ(quoted("a\xFF\n\xE2\x80\xAE"
                   "b",
                   10),
            "a???b");
}

// Codes of real bodies, facts/domain.md section 3.2, and of the samples.
TEST(TextRules, KnowsAUsccByItsCheckCharacter) {
  for (const char* good : {"11341702486344515H", "11441300007187648G", "11441700007280420Y", "1137078555222300XQ",
                           "11349900MB1K27N4XP", "121500004600236091"}) {
    EXPECT_TRUE(is_uscc(good)) << good;
  }
}

TEST(TextRules, EveryOneCharacterSlipInAUsccIsCaught) {
  const std::string code = "11349900MB1K27N4XP";
  for (std::size_t i = 0; i < code.size(); ++i) {
    for (const char c : std::string("0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZa")) {
      auto slipped = code;
      slipped[i] = c;
      EXPECT_EQ(is_uscc(slipped), slipped == code) << slipped;
    }
  }
  EXPECT_FALSE(is_uscc(code.substr(1)));
  EXPECT_FALSE(is_uscc(code + "0"));
}

}  // namespace
}  // namespace fabu::domain
