// Channels that an operator stopped stay so until they are let go on, whatever happens to the process.
#include <gmock/gmock.h>

#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

std::string paused_of(Store& store) {
  std::string text;
  for (const auto& one : store.paused_channels().value()) text += one.channel + ": " + one.reason + "; ";
  return text;
}

TEST_P(StoreConformance, KeepsAChannelPausedOverARestartUntilItIsResumed) {
  EXPECT_EQ(paused_of(store()), "");
  EXPECT_EQ(write().switch_channel({administrator(), "website", true, "检修", at(1)}).value(), 0u);
  write().switch_channel({administrator(), "noticeboard", true, "缺纸", at(2)}).value();
  write().switch_channel({administrator(), "website", true, "仍在检修", at(3)}).value();
  close_and_reopen();
  EXPECT_EQ(paused_of(store()), "noticeboard: 缺纸; website: 仍在检修; ");
  write().switch_channel({administrator(), "noticeboard", false, "", at(4)}).value();
  write().switch_channel({administrator(), "nothing", false, "", at(5)}).value();
  EXPECT_EQ(paused_of(store()), "website: 仍在检修; ");
  EXPECT_EQ(store().log_head().size, 5u) << "each act is a record";
}

}  // namespace
}  // namespace fabu::store
