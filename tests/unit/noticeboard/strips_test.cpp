#include "adapters/noticeboard/strips.h"

#include <gtest/gtest.h>

#include <random>

namespace fabu::noticeboard {
namespace {

Strip strip(double height, bool keep = false) {
  Strip out;
  out.height = height;
  out.keep_with_next = keep;
  return out;
}

std::vector<std::size_t> counts(const std::vector<Page>& pages) {
  std::vector<std::size_t> out;
  for (const Page& page : pages) out.push_back(page.size());
  return out;
}

TEST(Strips, FillPagesInOrder) {
  const std::vector<Strip> strips(25, strip(10));
  EXPECT_EQ(counts(paginate(strips, {100, 50, 0}, 0)), (std::vector<std::size_t>{5, 10, 10}));
}

TEST(Strips, AHeadingGoesOnWithWhatItHeads) {
  const std::vector<Strip> strips = {strip(10), strip(10, true), strip(10), strip(10)};
  EXPECT_EQ(counts(paginate(strips, {40, 20, 0}, 0)), (std::vector<std::size_t>{1, 3}));
}

TEST(Strips, TheEndStaysTogetherWithTheFoot) {
  const std::vector<Strip> strips(10, strip(10));
  EXPECT_EQ(counts(paginate(strips, {100, 100, 30}, 4)), (std::vector<std::size_t>{6, 4}));
  EXPECT_EQ(counts(paginate(strips, {130, 130, 30}, 4)), (std::vector<std::size_t>{10}));
}

TEST(Strips, SpaceVanishesAtTheTopOfAPage) {
  std::vector<Strip> strips = {strip(20), strip(10), strip(10)};
  strips[1].space = true;
  const auto pages = paginate(strips, {20, 20, 0}, 0);
  EXPECT_EQ(counts(pages), (std::vector<std::size_t>{1, 1}));
  EXPECT_EQ(pages[1][0].y, 0);
}

TEST(Strips, AHeadIsRepeatedWhereItsRowsGoOn) {
  const auto head = std::make_shared<const Strip>(strip(5));
  std::vector<Strip> strips(6, strip(10));
  for (Strip& row : strips) row.head = head;
  const auto pages = paginate(strips, {30, 30, 0}, 0);
  ASSERT_EQ(counts(pages), (std::vector<std::size_t>{3, 3, 2}));
  EXPECT_EQ(pages[1][0].strip, head.get());
  EXPECT_EQ(pages[1][1].y, 5);
}

TEST(Strips, WhatIsTallerThanAPageIsCutBetweenLines) {
  std::vector<Strip> strips = {strip(96)};
  strips[0].divide = 10;
  strips[0].offset = 3;
  const auto pages = paginate(strips, {50, 40, 0}, 0);
  ASSERT_EQ(pages.size(), 3u);
  EXPECT_DOUBLE_EQ(pages[0][0].to, 33);
  EXPECT_DOUBLE_EQ(pages[1][0].from, 33);
  EXPECT_DOUBLE_EQ(pages[1][0].to, 83);
  EXPECT_DOUBLE_EQ(pages[2][0].to, 96);
}

// Whatever the strips: all are placed once, in order, whole; the foot is alone only after a strip that fills a page; nothing that
// fits on a page hangs over its end.
TEST(Strips, AnyMixtureIsPlacedOnceAndInside) {
  std::mt19937 random(9704);
  for (int round = 0; round < 500; ++round) {
    std::vector<Strip> strips;
    const auto head = std::make_shared<const Strip>(strip(7));
    for (unsigned i = 0, n = 1 + random() % 80; i < n; ++i) {
      strips.push_back(strip(1 + random() % 40, random() % 4 == 0));
      if (random() % 5 == 0) strips.back().head = head;
      if (random() % 6 == 0) {
        strips.back().height = 150 + random() % 200;
        strips.back().divide = 8;
        strips.back().offset = 3;
      }
    }
    const Frame frame{100, 60, 25};
    const auto pages = paginate(strips, frame, random() % 4);
    std::size_t next = 0;
    double from = 0;
    for (std::size_t p = 0; p < pages.size(); ++p) {
      if (pages[p].empty()) {
        ASSERT_EQ(p + 1, pages.size()) << "round " << round;
        ASSERT_EQ(pages[p - 1].size(), 1u) << "round " << round;
      }
      for (const Placed& part : pages[p]) {
        if (part.strip == head.get()) continue;
        ASSERT_EQ(part.strip, &strips[next]) << "round " << round;
        ASSERT_DOUBLE_EQ(part.from, from);
        ASSERT_LE(part.y + part.to - part.from, (p == 0 ? frame.first_height : frame.height) + 0.02) << "round " << round;
        from = part.to;
        if (from >= part.strip->height) {
          ++next;
          from = 0;
        }
      }
    }
    ASSERT_EQ(next, strips.size());
  }
}

}  // namespace
}  // namespace fabu::noticeboard
