// The corpus in tests/data/xss: one payload a line, # comments; \n \t \r \0 \xHH in lines that begin with "esc:" are decoded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "adapters/sdk/document.h"
#include "unit/sdk/html_checker.h"

namespace fabu::sdk {
namespace {

std::string decoded(const std::string& line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\' || i + 1 == line.size()) {
      out += line[i];
      continue;
    }
    const char c = line[++i];
    if (c == 'x' && i + 2 < line.size()) {
      out += static_cast<char>(std::stoi(line.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
    }
  }
  return out;
}

const std::vector<std::string>& corpus() {
  static const std::vector<std::string> kCorpus = [] {
    std::vector<std::string> payloads;
    for (const auto& entry : std::filesystem::directory_iterator(FABU_SOURCE_DIR "/tests/data/xss")) {
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        payloads.push_back(line.rfind("esc:", 0) == 0 ? decoded(line.substr(4)) : line);
      }
    }
    return payloads;
  }();
  return kCorpus;
}

std::string shown(const std::string& text, v1::BodyFormat format) {
  v1::Body body;
  body.set_format(format);
  body.set_text(text);
  return to_html(document(body));
}

void expect_harmless(const std::string& text) {
  HtmlChecker checker;
  for (const auto format : {v1::BODY_FORMAT_HTML, v1::BODY_FORMAT_MARKDOWN, v1::BODY_FORMAT_PLAIN}) {
    const std::string out = shown(text, format);
    EXPECT_THAT(checker.problems(out), testing::IsEmpty())
        << v1::BodyFormat_Name(format) << "\n in: " << text << "\nout: " << out;
  }
}

TEST(Xss, CorpusIsLarge) {
  EXPECT_GE(corpus().size(), 120u);
}

TEST(Xss, EveryPayloadComesOutHarmless) {
  for (const std::string& payload : corpus()) {
    expect_harmless(payload);
    expect_harmless("<p>前" + payload + "后</p>");
    expect_harmless("<table><tr><td>" + payload + "</td></tr></table>");
    expect_harmless("[x](" + payload + ") ![" + payload + "](attachment:" + payload + ")");
    expect_harmless("<a href=\"" + payload + "\">x</a><img src=\"attachment:" + payload + "\" alt='" + payload + "'>");
  }
}

// What comes out is a fixed point: sanitising it again, or having a browser read and write it, reveals nothing new.
TEST(Xss, OutputReadAgainStaysAsItIs) {
  for (const std::string& payload : corpus()) {
    const std::string once = shown(payload, v1::BODY_FORMAT_HTML);
    expect_harmless(once);
  }
}

TEST(Xss, CheckerSeesWhatIsForbidden) {
  HtmlChecker checker;
  EXPECT_THAT(checker.problems("<p>甲</p>"), testing::IsEmpty());
  for (const char* bad :
       {"<script></script>", "<p onclick=x>", "<a href='javascript:x'>", "<a href=' http://a'>", "<img src=x>", "<svg>",
        "<math><mi>", "<!--x-->", "<p style=x>", "<img src='attachments/..'>", "<td align=x>", "<x-y>", "<template>"}) {
    const std::string in = std::string(bad).rfind("<td", 0) == 0 ? "<table><tr>" + std::string(bad) : bad;
    EXPECT_THAT(checker.problems(in), testing::Not(testing::IsEmpty())) << bad;
  }
}

TEST(Xss, RandomMixturesComeOutHarmless) {
  constexpr unsigned kSeed = 20260820;
  std::mt19937 random(kSeed);
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  static const std::string kPieces[] = {
      "<",         ">",        "\"",          "'",         "&",        "=",           "/",        "<!--",  "-->",
      "<![CDATA[", "]]>",      "<svg>",       "</svg>",    "<math>",   "<style>",     "</style>", "<p>",   "</p>",
      "<table>",   "<a href=", "javascript:", "onerror=x", "`",        "<img src=x ", "&#x6a;",   "&Tab;", "\n",
      "\t",        "中",       "<mtext>",     "<title>",   "</title>", "<b>",         "\xff"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = 0, n = 1 + below(4); i < n; ++i) {
      std::string piece = corpus()[below(corpus().size())];
      for (std::size_t edits = below(6); edits > 0 && !piece.empty(); --edits) {
        const std::size_t at = below(piece.size());
        switch (below(4)) {
          case 0:
            piece.insert(at, kPieces[below(std::size(kPieces))]);
            break;
          case 1:
            piece.erase(at, 1 + below(4));
            break;
          case 2:
            piece[at] = static_cast<char>(random());
            break;
          case 3:
            piece.insert(at, piece.substr(below(piece.size()), 1 + below(8)));
            break;
        }
      }
      text += piece;
    }
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " round " + std::to_string(round));
    expect_harmless(text);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace fabu::sdk
