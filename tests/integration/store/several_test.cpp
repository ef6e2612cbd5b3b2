// What the port says of several brokers holds for a store that has its database to itself: it leads, and hears nothing.
#include <atomic>

#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

TEST_P(StoreConformance, LeadsOnceItStands) {
  EXPECT_FALSE(store().leads());
  std::atomic<int> won = 0, lost = 0;
  store().campaign([&](bool leads) { ++(leads ? won : lost); });
  while (!store().leads() || won == 0) std::this_thread::yield();
  write().record(audit::started("test"), at()).value();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 0);
}

TEST_P(StoreConformance, HasNoNewsOfItsOwnDoing) {
  std::atomic<int> news = 0;
  store().subscribe([&](const News&) { ++news; });
  accepted(submission("GG-1"));
  write().settle(set_back("1-1-website", v1::DELIVERY_STATE_RETRYING, at(300))).value();
  accepted(correction("GG-1", "二"));
  write().settle(delivered("1-1-website")).value();
  write().settle(dead("1-2-noticeboard")).value();
  write().replay(replay_of()).value();
  write().withdraw(withdrawal(1)).value();
  write().switch_channel({operator_key(), kWebsite, true, "检修", at()}).value();
  store().close();
  EXPECT_EQ(news, 0);
  open();
}

}  // namespace
}  // namespace fabu::store
