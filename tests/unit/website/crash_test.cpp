// Whatever step a crash comes at, the site is whole, and the next start and try bring it to what it would have been.
#include <gmock/gmock.h>

#include "unit/website/site_fixture.h"

namespace fabu::website {
namespace {

struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

class WebsiteCrash : public Site {
 protected:
  // Publication, correction and withdrawal, each as if it were the last before the crash.
  void run(const std::vector<v1::Work>& before, const v1::Work& last) {
    start();
    for (const auto& work : before) ASSERT_TRUE(deliver(work));
    clock.pass(600);
    ASSERT_TRUE(deliver(last));
    const auto wanted = everything();
    stop();
    int steps = 0;
    for (bool killed = true; killed; ++steps) {
      fs::remove_all(folder.path() / "site");
      for (const char* file : {"site-index.db", "site-index.db-wal", "site-index.db-shm"}) fs::remove(folder.path() / file);
      clock.ms = StandingClock().ms;
      options.fault = nullptr;
      start();
      for (const auto& work : before) ASSERT_TRUE(deliver(work));
      clock.pass(600);
      stop();
      killed = false;
      auto armed = std::make_shared<bool>(false);
      options.fault = [&killed, armed, left = steps](std::string_view) mutable {
        if (!*armed) return;
        if (killed || left-- == 0) {
          killed = true;
          throw Killed();
        }
      };
      start();
      *armed = true;
      const auto outcome = deliver(last);
      EXPECT_EQ(outcome.has_value(), !killed);
      *armed = false;
      stop();
      EXPECT_THAT(dead_links(options.folder), ::testing::IsEmpty()) << "killed at step " << steps;
      options.fault = nullptr;
      start();
      EXPECT_THAT(dead_links(options.folder), ::testing::IsEmpty()) << "repaired after step " << steps;
      ASSERT_TRUE(deliver(last));
      EXPECT_TRUE(everything() == wanted) << "killed at step " << steps << ": " << difference(wanted);
      stop();
    }
    EXPECT_GT(steps, 10);
  }

  std::string difference(const std::map<std::string, std::string>& wanted) const {
    std::string out;
    const auto have = everything();
    for (const auto& [path, bytes] : wanted) {
      if (!have.contains(path)) {
        out += " missing " + path;
      } else if (have.at(path) != bytes) {
        out += " differs " + path;
      }
    }
    for (const auto& [path, bytes] : have) {
      if (!wanted.contains(path)) out += " extra " + path;
    }
    return out;
  }

  v1::Item with_attachment(std::uint64_t n, const std::string& bytes) {
    v1::Item item = sample_item(n);
    *item.add_attachments() = attachments.add("公告.pdf", bytes);
    return item;
  }
};

TEST_F(WebsiteCrash, AtAnyStepOfAPublication) {
  run({work_of(1, 1, sample_item(1))}, work_of(2, 1, with_attachment(2, "bytes")));
}

TEST_F(WebsiteCrash, AtAnyStepOfACorrection) {
  run({work_of(1, 1, with_attachment(1, "old"))}, work_of(1, 2, with_attachment(1, "new")));
}

TEST_F(WebsiteCrash, AtAnyStepOfAWithdrawal) {
  const auto published = work_of(1, 1, with_attachment(1, "old"));
  run({published, work_of(2, 1, sample_item(2))}, withdrawal_of(published, "有误"));
}

TEST_F(WebsiteCrash, APageThatAppearedKeepsItsTimeOfPublication) {
  options.fault = [](std::string_view step) {
    if (step == "index") throw Killed();
  };
  start();
  EXPECT_FALSE(deliver(work_of(1, 1, sample_item(1))));
  const std::string first = page("items/1/index.html");
  stop();
  options.fault = nullptr;
  clock.pass(7'200);
  start();
  ASSERT_TRUE(deliver(work_of(1, 1, sample_item(1))));
  EXPECT_EQ(page("items/1/index.html"), first);
}

}  // namespace
}  // namespace fabu::website
