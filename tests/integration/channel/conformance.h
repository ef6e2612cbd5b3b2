// What every Channel must do, run against each adapter with its outside world (a folder, a print server, a stand-in):
//
//   class WebsiteUnderTest : public ChannelUnderTest { ... };
//   INSTANTIATE_TEST_SUITE_P(Website, ChannelConformance, testing::Values(ChannelFactory{"website", [] { return ...; }}),
//   channel_name);
//
// The suite plays the host and the broker: it keeps an item's editions, what stands on the channel, and the progress that the
// adapter saved; a crash loses the Channel object and what was under way, but neither the progress nor the outside world.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "adapters/sdk/channel.h"
#include "proto/fabu/digest.h"

namespace fabu::sdk {

// A channel with an outside world of its own, empty at first.
class ChannelUnderTest {
 public:
  virtual ~ChannelUnderTest() = default;
  // The name that the channel's deliveries carry.
  virtual std::string name() const = 0;
  // A new Channel on the same outside world, as after a restart; owned by this object, valid until the next call.
  virtual Channel& make() = 0;
  // Changes what stands at the receipt's locator behind the channel's back. False: the outside world cannot be changed so.
  virtual bool tamper(const v1::Receipt& receipt) = 0;
  // Removes it. False: it cannot be removed.
  virtual bool remove(const v1::Receipt& receipt) = 0;
  // Effects that the outside world shows for the item: pages that stand, papers that were printed, posts that were sent. Another
  // try of the same delivery must not change it.
  virtual std::size_t count_effects(std::uint64_t item_id) = 0;
  // A catalogue entry, body or attachment that the channel needs may be set here.
  virtual void adapt(v1::Item&) {}
};

struct ChannelFactory {
  std::string name;
  std::function<std::unique_ptr<ChannelUnderTest>()> make;
};
inline void PrintTo(const ChannelFactory& factory, std::ostream* out) {
  *out << factory.name;
}
inline std::string channel_name(const testing::TestParamInfo<ChannelFactory>& suite) {
  return suite.param.name;
}

// The process died here.
struct Crash : std::runtime_error {
  Crash() : std::runtime_error("crash") {}
};

// Progress as the broker keeps it. May crash at its nth save (from 1), before or after the notes are on stable storage.
class KeptProgress final : public Progress {
 public:
  enum class When { never, before_stored, after_stored };
  explicit KeptProgress(std::string& stored, When when = When::never, int nth = 0)
      : stored_(stored), notes_(stored), when_(when), nth_(nth) {}

  const std::string& notes() const override { return notes_; }
  boost::asio::awaitable<bool> save(std::string notes) override {
    ++saves_;
    EXPECT_LE(notes.size(), 64U * 1024) << "v1::Delivery.progress";
    if (when_ == When::before_stored && saves_ == nth_) crash();
    stored_ = notes;
    if (when_ == When::after_stored && saves_ == nth_) crash();
    notes_ = std::move(notes);
    co_return true;
  }
  bool crashed() const { return crashed_; }

 private:
  [[noreturn]] void crash() {
    crashed_ = true;
    throw Crash();
  }
  std::string& stored_;
  std::string notes_;
  When when_;
  int nth_;
  int saves_ = 0;
  bool crashed_ = false;
};

class ChannelConformance : public testing::TestWithParam<ChannelFactory> {
 protected:
  using Published = Outcome<v1::Receipt>;

  void SetUp() override { world_ = GetParam().make(); }

  // Runs a call to its end. What it throws is thrown here.
  template <typename T>
  static T run(boost::asio::awaitable<T> call) {
    boost::asio::io_context io(1);
    std::optional<T> value;
    std::exception_ptr failed;
    boost::asio::co_spawn(io, std::move(call), [&](std::exception_ptr failure, T result) {
      failed = failure;
      value = std::move(result);
    });
    io.run_for(std::chrono::seconds(60));
    if (failed) std::rethrow_exception(failed);
    if (!value) throw std::runtime_error("the call did not end within 60 s");
    return std::move(*value);
  }

  v1::Edition edition(std::uint64_t item_id, std::uint32_t number, v1::EditionKind kind);
  // The delivery of the item's edition `number`, with everything that a broker would send along.
  v1::Work work(std::uint64_t item_id, std::uint32_t number, v1::EditionKind kind, std::optional<v1::Receipt> standing = {});
  v1::Work original(std::uint64_t item_id) { return work(item_id, 1, v1::EDITION_KIND_ORIGINAL); }

  // One try, as the host makes it.
  Published try_once(Channel& channel, v1::Work work, std::string& stored, KeptProgress::When when = KeptProgress::When::never,
                     int nth = 0, bool* crashed = nullptr) {
    work.mutable_delivery()->set_progress(stored);
    KeptProgress progress(stored, when, nth);
    try {
      return run(act(channel, work, progress));
    } catch (const std::exception& e) {
      if (crashed != nullptr) *crashed = progress.crashed();
      return failure(v1::FAILURE_CLASS_RETRY, "test.thrown", e.what());
    }
  }
  Published deliver(const v1::Work& work) {
    std::string stored;
    return try_once(world_->make(), work, stored);
  }
  v1::Receipt must(const Published& outcome) {
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().ShortDebugString());
    return outcome ? *outcome : v1::Receipt{};
  }
  v1::ObservationState see(const v1::Receipt& receipt) {
    const auto seen = run(world_->make().observe(receipt));
    EXPECT_TRUE(seen) << (seen ? "" : seen.error().ShortDebugString());
    return seen ? seen->state() : v1::OBSERVATION_STATE_UNSPECIFIED;
  }
  void sweep_crashes(const std::function<v1::Work()>& prepare);

  std::unique_ptr<ChannelUnderTest> world_;

 private:
  static boost::asio::awaitable<Published> act(Channel& channel, const v1::Work& work, Progress& progress) {
    if (work.look_first()) {
      Outcome<std::optional<v1::Receipt>> found = co_await channel.find(work, progress.notes());
      if (!found) co_return found.error();
      if (found->has_value()) co_return std::move(**found);
    }
    if (work.delivery().action() == v1::ACTION_WITHDRAW) {
      Published withdrawn = co_await channel.withdraw(work, progress);
      co_return withdrawn;
    }
    Published published = co_await channel.publish(work, progress);
    co_return published;
  }
};

inline v1::Edition ChannelConformance::edition(std::uint64_t item_id, std::uint32_t number, v1::EditionKind kind) {
  v1::Item item;
  item.set_department("jtj");
  item.set_reference("ref-" + std::to_string(item_id));
  item.set_catalogue_entry("GC-RESULT_ANNOUNCEMENT");
  item.set_title("关于道路工程中标结果的公告 " + std::to_string(item_id));
  item.set_formed_date("2026-08-20");
  item.mutable_publisher()->set_name("市公共资源交易中心");
  item.set_responsible_section("交易科");
  item.mutable_body()->set_format(v1::BODY_FORMAT_MARKDOWN);
  item.mutable_body()->set_text("正文第" + std::to_string(number) +
                                "版。\n\n| 项目 | 金额 |\n| --- | --- |\n| 道路 | 100.00 |\n");
  world_->adapt(item);
  v1::Edition made;
  made.set_item_id(item_id);
  made.set_number(number);
  made.set_kind(kind);
  made.set_content(item.SerializeAsString());
  made.set_digest(sha256(made.content()).raw());
  made.set_received_ms(1'787'000'000'000 + number * 60'000);
  made.set_index_no("113200000000000000/202608-" + std::to_string(10'000 + item_id));
  if (kind != v1::EDITION_KIND_ORIGINAL) made.set_reason("金额有误");
  return made;
}

inline v1::Work ChannelConformance::work(std::uint64_t item_id, std::uint32_t number, v1::EditionKind kind,
                                         std::optional<v1::Receipt> standing) {
  v1::Work made;
  auto& delivery = *made.mutable_delivery();
  delivery.set_id(std::to_string(item_id) + "-" + std::to_string(number) + "-" + world_->name());
  delivery.set_item_id(item_id);
  delivery.set_edition(number);
  delivery.set_channel(world_->name());
  delivery.set_action(kind == v1::EDITION_KIND_WITHDRAWAL ? v1::ACTION_WITHDRAW : v1::ACTION_PUBLISH);
  delivery.set_state(v1::DELIVERY_STATE_LEASED);
  *made.mutable_edition() = edition(item_id, number, kind);
  for (std::uint32_t earlier = 1; earlier < number; ++earlier) {
    const auto before = edition(item_id, earlier, earlier == 1 ? v1::EDITION_KIND_ORIGINAL : v1::EDITION_KIND_CORRECTION);
    auto& note = *made.add_history();
    note.set_number(earlier);
    note.set_kind(before.kind());
    note.set_digest(before.digest());
    note.set_received_ms(before.received_ms());
    note.set_reason(before.reason());
  }
  made.mutable_catalogue()->set_code("GC-RESULT_ANNOUNCEMENT");
  made.mutable_catalogue()->set_name("中标结果公告");
  made.mutable_catalogue()->set_domain_code("GC");
  made.mutable_catalogue()->set_domain_name("工程建设");
  made.mutable_catalogue()->set_department_name("交通局");
  if (standing) *made.mutable_standing() = std::move(*standing);
  return made;
}

// Crashes at every save of a delivery, before and after it is stored, and delivers again after each: what stands in the end, and
// how often, must be what a run without a crash leaves.
inline void ChannelConformance::sweep_crashes(const std::function<v1::Work()>& prepare) {
  world_ = GetParam().make();
  const auto calm_work = prepare();
  const std::uint64_t item_id = calm_work.delivery().item_id();
  const v1::Receipt calm = must(deliver(calm_work));
  const std::size_t effects = world_->count_effects(item_id);
  for (const auto when : {KeptProgress::When::before_stored, KeptProgress::When::after_stored}) {
    bool crashed = true;
    for (int nth = 1; crashed && nth <= 100; ++nth) {
      SCOPED_TRACE((when == KeptProgress::When::before_stored ? "crash before save " : "crash after save ") +
                   std::to_string(nth));
      world_ = GetParam().make();
      auto again = prepare();
      std::string stored;
      crashed = false;
      const auto first = try_once(world_->make(), again, stored, when, nth, &crashed);
      if (!crashed) {
        must(first);
        break;
      }
      again.set_look_first(true);
      const v1::Receipt receipt = must(try_once(world_->make(), again, stored));
      EXPECT_EQ(world_->count_effects(item_id), effects);
      EXPECT_EQ(receipt.content_digest(), calm.content_digest()) << "the same content as without a crash";
      EXPECT_EQ(see(receipt), v1::OBSERVATION_STATE_PRESENT);
    }
    EXPECT_FALSE(crashed) << "more than 100 saves for one delivery";
  }
}

TEST_P(ChannelConformance, PublishesAndGivesAReceiptThatCanBeReadBack) {
  const v1::Receipt receipt = must(deliver(original(1)));
  EXPECT_FALSE(receipt.locator().empty());
  EXPECT_EQ(receipt.content_digest().size(), 32u);
  EXPECT_EQ(see(receipt), v1::OBSERVATION_STATE_PRESENT);
  EXPECT_GE(world_->count_effects(1), 1u);
}

TEST_P(ChannelConformance, FindsNothingBeforeItPublished) {
  const auto found = run(world_->make().find(original(1), ""));
  ASSERT_TRUE(found) << found.error().ShortDebugString();
  EXPECT_FALSE(found->has_value());
}

TEST_P(ChannelConformance, FindsWhatItPublishedAfterARestart) {
  std::string stored;
  const v1::Receipt receipt = must(try_once(world_->make(), original(1), stored));
  const auto found = run(world_->make().find(original(1), stored));
  ASSERT_TRUE(found && found->has_value());
  EXPECT_EQ((*found)->locator(), receipt.locator());
  EXPECT_EQ((*found)->content_digest(), receipt.content_digest());
}

TEST_P(ChannelConformance, TheSameDeliveryAgainHasNoSecondEffect) {
  std::string stored;
  const v1::Receipt first = must(try_once(world_->make(), original(1), stored));
  const std::size_t effects = world_->count_effects(1);
  const v1::Receipt second = must(try_once(world_->make(), original(1), stored));
  EXPECT_EQ(second.locator(), first.locator());
  EXPECT_EQ(second.content_digest(), first.content_digest());
  auto looked = original(1);
  looked.set_look_first(true);
  EXPECT_EQ(must(try_once(world_->make(), looked, stored)).locator(), first.locator());
  EXPECT_EQ(world_->count_effects(1), effects);
}

TEST_P(ChannelConformance, TheSameDeliveryAgainWithoutItsProgressHasNoSecondEffect) {
  const v1::Receipt first = must(deliver(original(1)));
  const std::size_t effects = world_->count_effects(1);
  EXPECT_EQ(must(deliver(original(1))).locator(), first.locator());
  EXPECT_EQ(world_->count_effects(1), effects);
}

TEST_P(ChannelConformance, KeepsItemsApart) {
  const v1::Receipt one = must(deliver(original(1)));
  const v1::Receipt two = must(deliver(original(2)));
  EXPECT_NE(one.locator(), two.locator());
  EXPECT_EQ(see(one), v1::OBSERVATION_STATE_PRESENT);
  EXPECT_EQ(see(two), v1::OBSERVATION_STATE_PRESENT);
}

TEST_P(ChannelConformance, ACorrectionReplacesWhatStands) {
  const v1::Receipt first = must(deliver(original(1)));
  const v1::Receipt second = must(deliver(work(1, 2, v1::EDITION_KIND_CORRECTION, first)));
  EXPECT_NE(second.content_digest(), first.content_digest());
  EXPECT_EQ(see(second), v1::OBSERVATION_STATE_PRESENT);
}

TEST_P(ChannelConformance, AnOldEditionAfterANewerOneIsRefusedAndChangesNothing) {
  const v1::Receipt first = must(deliver(original(1)));
  const v1::Receipt second = must(deliver(work(1, 3, v1::EDITION_KIND_CORRECTION, first)));
  const std::size_t effects = world_->count_effects(1);
  const auto late = deliver(work(1, 2, v1::EDITION_KIND_CORRECTION, second));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().failure_class(), v1::FAILURE_CLASS_REJECTED) << late.error().ShortDebugString();
  EXPECT_EQ(world_->count_effects(1), effects);
  EXPECT_EQ(see(second), v1::OBSERVATION_STATE_PRESENT);
}

TEST_P(ChannelConformance, AWithdrawalReplacesWhatStandsByANotice) {
  const v1::Receipt first = must(deliver(original(1)));
  const v1::Work withdrawal = work(1, 2, v1::EDITION_KIND_WITHDRAWAL, first);
  const v1::Receipt notice = must(deliver(withdrawal));
  EXPECT_NE(notice.content_digest(), first.content_digest());
  EXPECT_EQ(see(notice), v1::OBSERVATION_STATE_PRESENT);
  const std::size_t effects = world_->count_effects(1);
  must(deliver(withdrawal));
  EXPECT_EQ(world_->count_effects(1), effects) << "a second try has no second effect";
}

TEST_P(ChannelConformance, SeesWhatWasChangedBehindItsBack) {
  const v1::Receipt receipt = must(deliver(original(1)));
  if (!world_->tamper(receipt)) GTEST_SKIP() << "cannot be changed from outside";
  EXPECT_EQ(see(receipt), v1::OBSERVATION_STATE_CHANGED);
}

TEST_P(ChannelConformance, SeesWhatIsGone) {
  const v1::Receipt receipt = must(deliver(original(1)));
  if (!world_->remove(receipt)) GTEST_SKIP() << "cannot be removed from outside";
  EXPECT_EQ(see(receipt), v1::OBSERVATION_STATE_GONE);
}

TEST_P(ChannelConformance, ACrashAtAnyStepOfAPublicationLeavesOneEffect) {
  sweep_crashes([this] { return original(1); });
}

TEST_P(ChannelConformance, ACrashAtAnyStepOfACorrectionLeavesOneEffect) {
  sweep_crashes([this] {
    const v1::Receipt standing = must(deliver(original(1)));
    return work(1, 2, v1::EDITION_KIND_CORRECTION, standing);
  });
}

TEST_P(ChannelConformance, ACrashAtAnyStepOfAWithdrawalLeavesOneNotice) {
  sweep_crashes([this] {
    const v1::Receipt standing = must(deliver(original(1)));
    return work(1, 2, v1::EDITION_KIND_WITHDRAWAL, standing);
  });
}

}  // namespace fabu::sdk
