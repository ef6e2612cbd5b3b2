#include "broker/cli/remote_channels.h"

namespace fabu::cli {
namespace {

class HandClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  void pass(Millis time) { now_ += time; }

 private:
  Instant now_ = from_ms(1'787'191'200'000);
};

class RemoteChannelsTest : public testing::Test {
 protected:
  static v1::WorkerStatus status(const std::string& worker, const std::string& state, const std::string& reason = "",
                                 std::int64_t until_ms = 0) {
    v1::WorkerStatus status;
    status.set_worker(worker);
    auto* const view = status.add_channels();
    view->set_name("website");
    view->set_kind("website");
    view->set_state(state);
    view->set_reason(reason);
    view->set_until_ms(until_ms);
    view->set_in_flight(2);
    return status;
  }
  v1::ChannelView view() {
    channels_.join(board_);
    return board_.find("website")->view();
  }

  HandClock clock_;
  ops::Metrics metrics_{{"website"}};
  flow::ChannelBoard board_;
  std::vector<v1::ChannelSwitches> told_;
  std::vector<std::string> notes_;
  RemoteChannels channels_{{"website"},
                           clock_,
                           [this](const v1::ChannelSwitches& switches) { told_.push_back(switches); },
                           [this](const std::string& channel, bool paused, const std::string& reason) {
                             notes_.push_back(channel + (paused ? " stopped: " : " goes on: ") + reason);
                           },
                           metrics_};
};

TEST_F(RemoteChannelsTest, SaysThatNobodyIsToBeHeard) {
  EXPECT_EQ(view().state(), "stopped");
  channels_.heard(status("w1", "running"));
  EXPECT_EQ(view().state(), "running");
  clock_.pass(RemoteChannels::kSilence + Millis(1));
  EXPECT_EQ(view().state(), "stopped");
}

TEST_F(RemoteChannelsTest, RunsWhileOneOfItsWorkersRunsIt) {
  channels_.heard(status("w1", "open", "connection refused"));
  EXPECT_EQ(view().state(), "open");
  channels_.heard(status("w2", "running"));
  EXPECT_EQ(view().state(), "running");
  EXPECT_EQ(view().in_flight(), 4u);
  auto bye = status("w2", "running");
  bye.set_goodbye(true);
  channels_.heard(bye);
  EXPECT_EQ(view().state(), "open");
}

TEST_F(RemoteChannelsTest, NotesWhatChannelsDoByThemselvesAndOnlyThat) {
  channels_.heard(status("w1", "running"));
  channels_.heard(status("w1", "open", "connection refused", 5));
  channels_.heard(status("w1", "open", "connection refused", 9));
  channels_.heard(status("w1", "half-open"));
  channels_.heard(status("w1", "running"));
  channels_.heard(status("w1", "paused", "an operator's"));
  channels_.heard(status("w1", "running"));
  ASSERT_EQ(notes_.size(), 2u);
  EXPECT_EQ(notes_[0], "website stopped: open at w1: connection refused");
  EXPECT_EQ(notes_[1].substr(0, 17), "website goes on: ");
}

TEST_F(RemoteChannelsTest, TellsWorkersWhatIsPausedHereAndOnOtherBrokers) {
  channels_.join(board_);
  board_.find("website")->pause("检修");
  EXPECT_EQ(view().state(), "paused");
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].paused(0).reason(), "检修");
  board_.find("website")->resume();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[1].resumed(), "website");
  EXPECT_EQ(told_[1].paused_size(), 0);
  channels_.set_paused({{"website", "elsewhere"}});
  channels_.set_paused({{"website", "elsewhere"}});
  ASSERT_EQ(told_.size(), 3u);
  EXPECT_EQ(channels_.paused().paused(0).reason(), "elsewhere");
}

}  // namespace
}  // namespace fabu::cli
