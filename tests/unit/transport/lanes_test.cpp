#include "broker/transport/lanes.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <set>

namespace fabu::transport {
namespace {

v1::Work work(std::uint64_t item, std::uint32_t edition) {
  v1::Work made;
  made.mutable_delivery()->set_id(std::to_string(item) + "-" + std::to_string(edition) + "-c");
  made.mutable_delivery()->set_item_id(item);
  made.mutable_delivery()->set_edition(edition);
  return made;
}

TEST(Lanes, CountsOnlyWhatWaitsAgainstTheCapacity) {
  Lanes lanes(2);
  EXPECT_EQ(lanes.offer(work(1, 1)), Lanes::Offered::queued);
  EXPECT_EQ(lanes.offer(work(1, 2)), Lanes::Offered::queued);
  EXPECT_EQ(lanes.offer(work(2, 1)), Lanes::Offered::full);
  EXPECT_EQ(lanes.offer(work(1, 2)), Lanes::Offered::known);
  std::vector<v1::Work> taken;
  lanes.take(5, taken);
  EXPECT_EQ(taken.size(), 1u);
  EXPECT_EQ(lanes.waiting(), 1u);
  EXPECT_FALSE(lanes.ready());
  EXPECT_EQ(lanes.offer(work(2, 1)), Lanes::Offered::queued);
}

TEST(Lanes, FinishingWhatIsNotUnderWayChangesNothing) {
  Lanes lanes(8);
  lanes.offer(work(1, 1));
  EXPECT_FALSE(lanes.finish("1-1-c"));
  EXPECT_FALSE(lanes.finish("9-9-c"));
  EXPECT_TRUE(lanes.ready());
}

// Random walks against a model that is too simple to be wrong.
TEST(Lanes, AgreesWithASimpleModelOnRandomWalks) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    Lanes lanes(16);
    std::set<std::pair<std::uint64_t, std::uint32_t>> waiting;
    std::map<std::uint64_t, std::uint32_t> under_way;
    for (int step = 0; step < 2000; ++step) {
      const std::uint64_t item = random() % 12;
      const std::uint32_t edition = 1 + random() % 4;
      const std::string id = work(item, edition).delivery().id();
      const bool has = under_way.contains(item) && under_way[item] == edition;
      switch (random() % 4) {
        case 0: {
          const auto offered = lanes.offer(work(item, edition));
          if (waiting.contains({item, edition}) || has) {
            ASSERT_EQ(offered, Lanes::Offered::known) << seed;
          } else if (waiting.size() == 16) {
            ASSERT_EQ(offered, Lanes::Offered::full) << seed;
          } else {
            ASSERT_EQ(offered, Lanes::Offered::queued) << seed;
            waiting.insert({item, edition});
          }
          break;
        }
        case 1: {
          std::vector<v1::Work> taken;
          lanes.take(2, taken);
          for (const auto& one : taken) {
            const auto oldest = waiting.lower_bound({one.delivery().item_id(), 0});
            ASSERT_EQ(oldest->second, one.delivery().edition()) << seed;
            waiting.erase(oldest);
            ASSERT_TRUE(under_way.emplace(one.delivery().item_id(), one.delivery().edition()).second) << seed;
          }
          break;
        }
        case 2:
          ASSERT_EQ(lanes.finish(id), has) << seed;
          if (has) under_way.erase(item);
          break;
        default:
          ASSERT_EQ(lanes.recall(id), waiting.erase({item, edition}) == 1) << seed;
      }
      ASSERT_EQ(lanes.waiting(), waiting.size()) << seed;
      bool ready = false;
      for (const auto& [waits, unused] : waiting) ready = ready || !under_way.contains(waits);
      ASSERT_EQ(lanes.ready(), ready) << seed;
    }
  }
}

}  // namespace
}  // namespace fabu::transport
