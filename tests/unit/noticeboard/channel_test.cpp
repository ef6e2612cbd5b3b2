// The spool folder; printing is tested against a real server in tests/integration/noticeboard.
#include "adapters/noticeboard/channel.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <fstream>
#include <future>
#include <stdexcept>

#include "proto/fabu/digest.h"
#include "temp_folder.h"
#include "unit/run_awaitable.h"

namespace fabu::noticeboard {
namespace {

namespace asio = boost::asio;

class FixedClock final : public Clock {
 public:
  Instant now() const override { return from_ms(1787187600000); }
};

class NoProgress final : public sdk::Progress {
 public:
  const std::string& notes() const override { return notes_; }
  asio::awaitable<bool> save(std::string) override { co_return true; }

 private:
  std::string notes_;
};

class Spooling : public testing::Test {
 protected:
  Spooling() {
    options_.spool = folder_ / "board";
    options_.sheet.base_url = "https://ggzy.example.gov.cn";
    v1::Item item;
    item.set_title("公告");
    item.mutable_body()->set_format(v1::BODY_FORMAT_PLAIN);
    item.mutable_body()->set_text("正文");
    work_.mutable_edition()->set_item_id(7);
    work_.mutable_edition()->set_number(1);
    work_.mutable_edition()->set_content(item.SerializeAsString());
    work_.mutable_delivery()->set_id("7-1-board");
    work_.mutable_delivery()->set_channel("board");
    work_.mutable_delivery()->set_action(v1::ACTION_PUBLISH);
  }

  sdk::Outcome<v1::Receipt> publish() {
    NoticeboardChannel channel(options_, pool_, clock_);
    NoProgress progress;
    return run(channel.publish(work_, progress));
  }

  TempFolder folder_;
  NoticeboardOptions options_;
  v1::Work work_;
  asio::thread_pool pool_{1};
  FixedClock clock_;
};

TEST_F(Spooling, LaysOneFileForTheDelivery) {
  const auto receipt = publish();
  ASSERT_TRUE(receipt) << receipt.error().ShortDebugString();
  EXPECT_EQ(receipt->locator(), "file://" + (folder_ / "board/7-1-board.pdf").string());
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_ / "board")) ++files;
  EXPECT_EQ(files, 1u) << "no half file is left beside it";
}

TEST_F(Spooling, DoesNotWriteAgainWhatIsThere) {
  const auto first = publish();
  ASSERT_TRUE(first);
  const auto written = std::filesystem::last_write_time(folder_ / "board/7-1-board.pdf");
  const auto second = publish();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->content_digest(), first->content_digest());
  EXPECT_EQ(std::filesystem::last_write_time(folder_ / "board/7-1-board.pdf"), written);
}

TEST_F(Spooling, FindsWhatAnEarlierTryWrote) {
  NoticeboardChannel channel(options_, pool_, clock_);
  auto before = run(channel.find(work_, ""));
  ASSERT_TRUE(before);
  EXPECT_FALSE(before->has_value());
  ASSERT_TRUE(publish());
  auto after = run(channel.find(work_, ""));
  ASSERT_TRUE(after && after->has_value());
}

TEST_F(Spooling, SeesWhetherTheFileStillStands) {
  const auto receipt = publish();
  ASSERT_TRUE(receipt);
  NoticeboardChannel channel(options_, pool_, clock_);
  EXPECT_EQ(run(channel.observe(*receipt))->state(), v1::OBSERVATION_STATE_PRESENT);
  std::ofstream(folder_ / "board/7-1-board.pdf", std::ios::app) << "x";
  EXPECT_EQ(run(channel.observe(*receipt))->state(), v1::OBSERVATION_STATE_CHANGED);
  std::filesystem::remove(folder_ / "board/7-1-board.pdf");
  EXPECT_EQ(run(channel.observe(*receipt))->state(), v1::OBSERVATION_STATE_GONE);
}

TEST_F(Spooling, IsUnavailableWhereTheFolderCannotBe) {
  std::ofstream(folder_ / "board") << "a file in the way";
  const auto failed = publish();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().failure_class(), v1::FAILURE_CLASS_UNAVAILABLE);
  EXPECT_EQ(failed.error().code(), "spool.write");
}

TEST_F(Spooling, RefusesContentThatIsNoItem) {
  work_.mutable_edition()->set_content("\xff");
  const auto failed = publish();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().failure_class(), v1::FAILURE_CLASS_REJECTED);
  EXPECT_EQ(failed.error().code(), "sheet.content");
}

TEST_F(Spooling, RefusesAnIdThatIsAPath) {
  work_.mutable_delivery()->set_id("../7-1-board");
  const auto failed = publish();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), "spool.name");
}

TEST_F(Spooling, NeedsExactlyOneWayToPrint) {
  NoticeboardOptions none;
  EXPECT_THROW(NoticeboardChannel(none, pool_, clock_), std::invalid_argument);
  options_.cups = CupsQueue{"localhost", 631, "board", "fabu"};
  EXPECT_THROW(NoticeboardChannel(options_, pool_, clock_), std::invalid_argument);
}

TEST(StoppingReason, NamesWhatAPersonCanMend) {
  EXPECT_EQ(stopping_reason({"toner-low-warning", "media-empty-error"}), "media-empty");
  EXPECT_EQ(stopping_reason({"media-jam"}), "media-jam");
  EXPECT_EQ(stopping_reason({"offline-report"}), "offline");
  EXPECT_EQ(stopping_reason({"cover-open-error"}), "cover-open");
  EXPECT_EQ(stopping_reason({"cups-waiting-for-job-completed", "none", "toner-low-report", "marker-supply-low-warning"}), "");
}

}  // namespace
}  // namespace fabu::noticeboard
