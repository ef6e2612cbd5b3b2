// Index numbers (索引号): allotted without gaps within their prefix, or given by hand.
#include <numeric>

#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

std::vector<int> first(int count) {
  std::vector<int> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

Accept with_index(const std::string& reference, const std::string& index_no) {
  Accept command = submission(reference);
  command.index_no = index_no;
  return command;
}

TEST_P(StoreConformance, CountsEachPrefixForItself) {
  for (int i = 0; i < 3; ++i) accepted(submission("GG-" + std::to_string(i)));
  Accept july = submission("GG-7");
  july.index_prefix = "11349900MB1K27N4XP/202607-";
  EXPECT_EQ(accepted(july).receipt.index_no(), "11349900MB1K27N4XP/202607-00001");
  EXPECT_EQ(accepted(submission("GG-8")).receipt.index_no(), std::string(kPrefix) + "00004");
}

TEST_P(StoreConformance, LeavesNoGapForWhatWasNotStored) {
  accepted(submission("GG-1"));
  EXPECT_EQ(write().accept(submission("GG-1")).value().kind, AcceptKind::repeated);
  EXPECT_EQ(write().accept(submission("GG-1", at(), "别的")).value().kind, AcceptKind::differs);
  EXPECT_EQ(write().accept(correction("GG-9", "更正")).value().kind, AcceptKind::nothing_to_correct);
  accepted(correction("GG-1", "更正"));
  write().refuse({department(), "GGJ", "GG-3", {}, at()}).value();
  EXPECT_EQ(accepted(submission("GG-2")).receipt.index_no(), std::string(kPrefix) + "00002");
}

TEST_P(StoreConformance, StepsOverNumbersThatWereGivenByHand) {
  accepted(with_index("HAND-2", std::string(kPrefix) + "00002"));
  accepted(with_index("HAND-3", std::string(kPrefix) + "00003"));
  EXPECT_EQ(accepted(submission("GG-1")).receipt.index_no(), std::string(kPrefix) + "00001");
  EXPECT_EQ(accepted(submission("GG-4")).receipt.index_no(), std::string(kPrefix) + "00004");
  EXPECT_EQ(index_numbers(store(), kPrefix), first(4));
}

TEST_P(StoreConformance, RefusesAnIndexNumberThatAnotherItemHas) {
  accepted(submission("GG-1"));
  const auto size = store().log_head().size;
  EXPECT_EQ(write().accept(with_index("GG-2", std::string(kPrefix) + "00001")).value().kind, AcceptKind::index_taken);
  EXPECT_EQ(store().log_head().size, size);
  EXPECT_EQ(store().find_item("GGJ", "GG-2").value(), std::nullopt);
}

TEST_P(StoreConformance, RefusesACorrectionThatBringsAnotherIndexNumber) {
  accepted(with_index("GG-1", "X/2026-7"));
  Accept other = correction("GG-1", "二");
  other.index_no = "X/2026-8";
  EXPECT_EQ(write().accept(other).value().kind, AcceptKind::index_taken);
  other.index_no = "X/2026-7";
  EXPECT_EQ(accepted(other).receipt.index_no(), "X/2026-7");
}

TEST_P(StoreConformance, FindsAnItemByItsIndexNumber) {
  accepted(submission("GG-1"));
  accepted(with_index("GG-2", "手编-1"));
  EXPECT_EQ(store().find_index(std::string(kPrefix) + "00001").value(), 1u);
  EXPECT_EQ(store().find_index("手编-1").value(), 2u);
  EXPECT_EQ(store().find_index("手编-2").value(), std::nullopt);
}

TEST_P(StoreConformance, GoesOnCountingAfterItWasOpenedAgain) {
  for (const std::string by_hand : {"00006", "00012", "00018"}) {
    for (int i = 0; i < 5; ++i) accepted(submission("GG-" + by_hand + "-" + std::to_string(i)));
    accepted(with_index("HAND-" + by_hand, kPrefix + by_hand));
    close_and_reopen();
  }
  EXPECT_EQ(index_numbers(store(), kPrefix), first(18));
}

}  // namespace
}  // namespace fabu::store
