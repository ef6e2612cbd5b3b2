// The channel against a real cupsd: what happens to paper in an office.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <thread>

#include "adapters/noticeboard/channel.h"
#include "peers/cups/cups_server.h"
#include "proto/fabu/digest.h"
#include "unit/run_awaitable.h"

namespace fabu::noticeboard {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace peers;

class KeptProgress final : public sdk::Progress {
 public:
  const std::string& notes() const override { return notes_; }
  asio::awaitable<bool> save(std::string notes) override {
    if (lose) co_return false;
    notes_ = std::move(notes);
    co_return true;
  }
  bool lose = false;  // a crash just before the note is kept

 private:
  std::string notes_;
};

v1::Work work_of(std::uint32_t edition, v1::Action action = v1::ACTION_PUBLISH) {
  v1::Item item;
  item.set_title("澄州市智慧教室设备采购中标结果公告");
  item.mutable_publisher()->set_name("澄州市公共资源交易管理局");
  item.set_formed_date("2026-08-20");
  item.mutable_body()->set_format(v1::BODY_FORMAT_MARKDOWN);
  item.mutable_body()->set_text("**一、项目编号**\n\nCZZC2026GK0037\n");
  v1::Work work;
  work.mutable_edition()->set_item_id(7);
  work.mutable_edition()->set_number(edition);
  work.mutable_edition()->set_content(item.SerializeAsString());
  work.mutable_edition()->set_received_ms(1787187600000);
  work.mutable_edition()->set_index_no("11349900MB1K27N4XP/202608-00011");
  v1::Delivery& delivery = *work.mutable_delivery();
  delivery.set_id("7-" + std::to_string(edition) + "-board");
  delivery.set_item_id(7);
  delivery.set_edition(edition);
  delivery.set_channel("board");
  delivery.set_action(action);
  return work;
}

class Printing : public testing::Test {
 protected:
  void SetUp() override { server_.add_file_queue("board"); }

  NoticeboardChannel channel(const std::string& queue = "board") {
    NoticeboardOptions options;
    options.name = "board";
    options.cups = CupsQueue{"127.0.0.1", server_.port(), queue, "fabu"};
    options.sheet.base_url = "https://ggzy.example.gov.cn";
    options.poll = Millis{50};
    options.patience = Millis{600};
    options.follow_for = Millis{30'000};
    return {options, pool_, clock_};
  }
  sdk::Outcome<v1::Receipt> publish(NoticeboardChannel& channel, const v1::Work& work, sdk::Progress& progress) {
    return run(channel.publish(work, progress));
  }
  std::vector<Job> jobs(const std::string& queue = "board") {
    auto found = Cups({"127.0.0.1", server_.port(), queue, "fabu"}).jobs();
    return found ? *found : std::vector<Job>();
  }
  // The bytes that CUPS keeps of its first job.
  std::string printed() {
    std::ifstream in(server_.folder() / "spool/d00001-001", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  CupsServer server_;
  asio::thread_pool pool_{2};
  SystemClock clock_;
};

TEST_F(Printing, GivesAReceiptOfTheCompletedJob) {
  NoticeboardChannel board = channel();
  KeptProgress progress;
  const auto receipt = publish(board, work_of(1), progress);
  ASSERT_TRUE(receipt) << receipt.error().ShortDebugString() << server_.log();
  EXPECT_EQ(receipt->locator(), "ipp://127.0.0.1:" + std::to_string(server_.port()) + "/jobs/1");
  EXPECT_EQ(receipt->content_digest(), sha256(printed()).raw());
  EXPECT_GT(receipt->time_ms(), 0);
  EXPECT_EQ(receipt->facts(0).value(), "1");
  const auto seen = run(board.observe(*receipt));
  ASSERT_TRUE(seen) << seen.error().ShortDebugString();
  EXPECT_EQ(seen->state(), v1::OBSERVATION_STATE_PRESENT);
}

TEST_F(Printing, PrintsOnceWhenTheProcessDiesBeforeItNotesTheJob) {
  NoticeboardChannel board = channel();
  KeptProgress progress;
  progress.lose = true;
  EXPECT_FALSE(publish(board, work_of(1), progress));
  KeptProgress after_restart;
  v1::Work again = work_of(1);
  again.set_look_first(true);
  const auto receipt = publish(board, again, after_restart);
  ASSERT_TRUE(receipt) << receipt.error().ShortDebugString();
  EXPECT_EQ(jobs().size(), 1u);
  EXPECT_EQ(receipt->content_digest(), sha256(printed()).raw());
  const auto found = run(board.find(again, ""));
  ASSERT_TRUE(found && found->has_value());
  EXPECT_EQ((*found)->locator(), receipt->locator());
}

TEST_F(Printing, PrintsOnceHoweverOftenItIsTried) {
  NoticeboardChannel board = channel();
  for (int i = 0; i < 5; ++i) {
    KeptProgress progress;
    ASSERT_TRUE(publish(board, work_of(1), progress));
  }
  EXPECT_EQ(jobs().size(), 1u);
}

TEST_F(Printing, FindsNothingWhereNothingWasPrinted) {
  NoticeboardChannel board = channel();
  const auto found = run(board.find(work_of(1), ""));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->has_value());
}

TEST_F(Printing, WaitsForAStoppedPrinterAndGoesOnWithTheSameJob) {
  server_.tool("cupsdisable", {"board"});
  NoticeboardChannel board = channel();
  KeptProgress progress;
  const auto stopped = publish(board, work_of(1), progress);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().failure_class(), v1::FAILURE_CLASS_UNAVAILABLE);
  EXPECT_EQ(stopped.error().code(), "ipp.paused");
  server_.tool("cupsenable", {"board"});
  const auto receipt = publish(board, work_of(1), progress);
  ASSERT_TRUE(receipt) << receipt.error().ShortDebugString();
  EXPECT_EQ(jobs().size(), 1u);
}

TEST_F(Printing, RefusesACancelledJobAndPrintsAnewWhenReplayed) {
  server_.tool("cupsdisable", {"board"});
  NoticeboardChannel board = channel();
  KeptProgress progress;
  EXPECT_FALSE(publish(board, work_of(1), progress));
  server_.tool("cancel", {"-u", "fabu", "-a"});
  eventually("the job is cancelled", [&] { return jobs().size() == 1 && jobs()[0].state == JobState::canceled; });
  const auto refused = publish(board, work_of(1), progress);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().failure_class(), v1::FAILURE_CLASS_REJECTED);
  EXPECT_EQ(refused.error().code(), "ipp.job-canceled");
  server_.tool("cupsenable", {"board"});
  ASSERT_TRUE(publish(board, work_of(1), progress));
  EXPECT_EQ(jobs().size(), 2u);
}

TEST_F(Printing, TakesOutdatedSheetsOutOfTheQueue) {
  server_.tool("cupsdisable", {"board"});
  NoticeboardChannel board = channel();
  KeptProgress first, second;
  EXPECT_FALSE(publish(board, work_of(1), first));
  EXPECT_FALSE(run(board.withdraw(work_of(2, v1::ACTION_WITHDRAW), second)));
  server_.tool("cupsenable", {"board"});
  ASSERT_TRUE(run(board.withdraw(work_of(2, v1::ACTION_WITHDRAW), second)));
  for (const Job& job : jobs())
    EXPECT_EQ(job.state, job.name == "7-1-board" ? JobState::canceled : JobState::completed) << job.name;
}

TEST_F(Printing, SurvivesTheDeathOfTheServer) {
  server_.tool("cupsdisable", {"board"});
  NoticeboardChannel board = channel();
  KeptProgress progress;
  EXPECT_FALSE(publish(board, work_of(1), progress));
  server_.tool("cupsenable", {"board"});
  eventually("the job is printed", [&] { return jobs().size() == 1 && jobs()[0].state == JobState::completed; });
  server_.tool("cupsdisable", {"board"});
  KeptProgress other;
  EXPECT_FALSE(publish(board, work_of(2), other));
  // CUPS writes its list of jobs a moment after they change.
  eventually(
      "the jobs are on disk",
      [&] {
        std::ifstream in(server_.folder() / "cache/job.cache");
        const std::string text(std::istreambuf_iterator<char>(in), {});
        return text.find("<Job 2>") != std::string::npos;
      },
      60s);
  server_.kill();
  const auto down = publish(board, work_of(2), other);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().failure_class(), v1::FAILURE_CLASS_UNAVAILABLE);
  EXPECT_EQ(down.error().code(), "ipp.unreachable");
  server_.start();
  server_.tool("cupsenable", {"board"});
  const auto receipt = publish(board, work_of(2), other);
  ASSERT_TRUE(receipt) << receipt.error().ShortDebugString() << server_.log();
  EXPECT_EQ(jobs().size(), 2u);
}

TEST_F(Printing, RefusesAQueueThatIsNotThere) {
  NoticeboardChannel board = channel("nowhere");
  KeptProgress progress;
  const auto refused = publish(board, work_of(1), progress);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().failure_class(), v1::FAILURE_CLASS_REJECTED);
  EXPECT_EQ(refused.error().code(), "ipp.no-queue");
}

TEST_F(Printing, IsUnavailableWhileTheQueueTakesNoJobs) {
  server_.tool("cupsreject", {"board"});
  NoticeboardChannel board = channel();
  KeptProgress progress;
  const auto refused = publish(board, work_of(1), progress);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().failure_class(), v1::FAILURE_CLASS_UNAVAILABLE);
  EXPECT_EQ(refused.error().code(), "ipp.not-accepting-jobs");
}

TEST_F(Printing, ForgottenJobsAreForAPersonToJudge) {
  NoticeboardChannel board = channel();
  KeptProgress progress;
  ASSERT_TRUE(publish(board, work_of(1), progress));
  server_.tool("cancel", {"-x", "-a"});
  eventually("the history is gone", [&] { return jobs().empty(); });
  const auto lost = publish(board, work_of(1), progress);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), "ipp.job-forgotten");
}

// A printer of IPP Everywhere that runs out of paper: its command says so, as drivers do, and fails until paper is there.
class EverywherePrinter : public Printing {
 protected:
  void SetUp() override {
    port_ = free_port();
    const std::string folder = (server_.folder() / "printer").string();
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/command") << "#!/bin/sh\nwhile [ -e " << folder
                                       << "/no-paper ]; do echo 'STATE: +media-empty-error' >&2; sleep 0.1; done\n"
                                       << "echo 'STATE: -media-empty-error' >&2\ncat \"$1\" >> " << folder
                                       << "/paper\necho printed >> " << folder << "/sheets\n";
    std::filesystem::permissions(folder + "/command", std::filesystem::perms(0755));
    // ippeveprinter will not start without a system bus to ask for Avahi, though it does without Avahi itself.
    const std::string bus = (server_.folder() / "bus").string();
    std::ofstream(bus + ".conf")
        << "<busconfig><listen>unix:path=" << bus << "</listen><auth>EXTERNAL</auth><policy context=\"default\">"
        << "<allow send_destination=\"*\"/><allow own=\"*\"/><allow user=\"*\"/><allow receive_type=\"method_call\"/>"
        << "<allow receive_type=\"method_return\"/><allow receive_type=\"signal\"/><allow receive_type=\"error\"/>"
        << "</policy></busconfig>";
    bus_ = std::make_unique<Process>(std::vector<std::string>{"dbus-daemon", "--config-file=" + bus + ".conf", "--nofork"},
                                     server_.folder() / "log/bus");
    eventually("the bus listens", [&bus] { return std::filesystem::exists(bus); });
    printer_ = std::make_unique<Process>(
        std::vector<std::string>{"ippeveprinter", "-p", std::to_string(port_), "-n", "localhost", "-f", "application/pdf", "-d",
                                 folder, "-k", "-c", folder + "/command", "-r", "off", "board"},
        server_.folder() / "log/printer", std::vector<std::string>{"DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + bus});
    eventually("the printer listens", [this] { return is_listening(port_); });
    server_.add_ipp_queue("board", port_);
  }
  std::size_t sheets() {
    std::ifstream in(server_.folder() / "printer/sheets");
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
  }

  int port_ = 0;
  std::unique_ptr<Process> bus_, printer_;
};

TEST_F(EverywherePrinter, SaysThatPaperIsOutAndPrintsOnceWhenItIsThere) {
  const auto no_paper = server_.folder() / "printer/no-paper";
  std::ofstream(no_paper) << "";
  NoticeboardChannel board = channel();
  KeptProgress progress;
  const auto empty = publish(board, work_of(1), progress);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().failure_class(), v1::FAILURE_CLASS_UNAVAILABLE);
  EXPECT_EQ(empty.error().code(), "ipp.media-empty") << empty.error().message() << server_.log();
  std::filesystem::remove(no_paper);
  const auto receipt = publish(board, work_of(1), progress);
  ASSERT_TRUE(receipt) << receipt.error().ShortDebugString() << server_.log();
  EXPECT_EQ(sheets(), 1u);
}

}  // namespace
}  // namespace fabu::noticeboard
