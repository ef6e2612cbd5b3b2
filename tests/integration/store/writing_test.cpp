// How writes are queued, grouped and answered: from many threads, past the bounds, and at the end.
#include <atomic>
#include <random>
#include <thread>

#include "integration/store/conformance.h"
#include "integration/store/held_store.h"

namespace fabu::store {
namespace {

// Answers of many writes, each exactly once.
struct Answers {
  std::atomic<int> accepted = 0, repeated = 0, busy = 0, unavailable = 0, other = 0;

  Done<Accepted> next() {
    return [this](Result<Accepted> result) {
      if (!result) {
        ++(result.error().code == ErrorCode::busy ? busy : result.error().code == ErrorCode::unavailable ? unavailable : other);
      } else {
        ++(result->kind == AcceptKind::accepted ? accepted : result->kind == AcceptKind::repeated ? repeated : other);
      }
    };
  }
  int all() const { return accepted + repeated + busy + unavailable + other; }
};

TEST_P(StoreConformance, AnswersEachWriteOfAGroupForItself) {
  Answers answers;
  std::vector<std::string> receipts;
  Done<Accepted> keep = [&](Result<Accepted> result) { receipts.push_back(result.value().receipt.SerializeAsString()); };
  std::optional<Result<Reviewed>> review;
  {
    HeldStore held(store());
    store().accept(submission("GG-1"), keep);
    store().accept(submission("GG-1"), keep);
    store().accept(submission("GG-1", at(), "别的"), answers.next());
    store().accept(submission("GG-2"), answers.next());
    store().review(Review{reviewer(), 99, {}, true, "", {}, {}, at()},
                   [&](Result<Reviewed> result) { review = std::move(result); });
    store().accept(correction("GG-1", "二"), answers.next());
    EXPECT_GE(store().backlog(), 6u);
  }
  drain();
  ASSERT_EQ(receipts.size(), 2u);
  EXPECT_EQ(receipts[0], receipts[1]) << "the second saw the first, though neither was committed";
  EXPECT_EQ(answers.accepted, 2);
  EXPECT_EQ(answers.other, 1) << "differs";
  ASSERT_TRUE(review.has_value());
  EXPECT_EQ(code_of(*review), ErrorCode::not_found) << "one that fails does not take the others with it";
  EXPECT_EQ(all_items(store()).size(), 2u);
  EXPECT_EQ(store().backlog(), 0u);
}

TEST_P(StoreConformance, RunsWritesInTheOrderTheyWereGiven) {
  std::vector<std::uint64_t> items;
  {
    HeldStore held(store());
    for (int i = 0; i < 50; ++i) {
      store().accept(submission("GG-" + std::to_string(i)),
                     [&](Result<Accepted> result) { items.push_back(result.value().receipt.item_id()); });
    }
  }
  drain();
  ASSERT_EQ(items.size(), 50u);
  for (std::size_t i = 0; i < items.size(); ++i) EXPECT_EQ(items[i], i + 1);
}

TEST_P(StoreConformance, AnswersBusyAtOnceWhenItsQueueIsFullAndStoresNothingOfThat) {
  open({.max_waiting = 8});
  Answers answers;
  int sent = 0;
  {
    HeldStore held(store());
    while (answers.busy == 0 && sent < 100) store().accept(submission("GG-" + std::to_string(++sent)), answers.next());
    EXPECT_EQ(answers.all(), 1) << "busy was answered at once, nothing else yet";
    EXPECT_EQ(sent, 9);
  }
  drain();
  EXPECT_EQ(answers.accepted, 8);
  EXPECT_EQ(answers.all(), 9);
  EXPECT_EQ(store().find_item("GGJ", "GG-9").value(), std::nullopt);
  EXPECT_EQ(accepted(submission("GG-9")).receipt.item_id(), 9u) << "there is room again";
}

TEST_P(StoreConformance, BoundsTheBytesThatWait) {
  open({.max_waiting = 1000, .max_waiting_bytes = 100'000});
  Answers answers;
  int sent = 0;
  {
    HeldStore held(store());
    while (answers.busy == 0 && sent < 100) {
      Accept large = submission("GG-" + std::to_string(++sent), at(), std::string(20'000, 'x'));
      store().accept(std::move(large), answers.next());
    }
    EXPECT_LE(sent, 5) << "of at least 20 KB each";
  }
  drain();
  EXPECT_EQ(answers.accepted, sent - 1);
}

TEST_P(StoreConformance, ShowsAWriteToEveryReaderOnceItsDoneWasCalled) {
  std::atomic<int> unseen = 0;
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < 25; ++i) {
        const auto outcome = write().accept(submission("W" + std::to_string(w) + "-" + std::to_string(i))).value();
        const auto head = store().log_head();
        const auto view = store().item(outcome.receipt.item_id());
        if (!view || view->reference() != outcome.receipt.reference()) ++unseen;
        if (head.size <= outcome.receipt.log_index()) ++unseen;
        if (store().log_entries(outcome.receipt.log_index(), 1).value().size() != 1) ++unseen;
        if (store().channel_counts(kWebsite).value().open == 0) ++unseen;
        const auto id = outcome.deliveries.at(0).id();
        if (!write().settle(delivered(id)) || state_of(id) != v1::DELIVERY_STATE_DELIVERED) ++unseen;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(unseen, 0);
}

// One thread's share of the load: whatever it was told is checked at once.
void work(BlockingStore write, unsigned seed, std::atomic<int>& faults) {
  std::mt19937 random(seed);
  const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  for (int i = 0; i < 30; ++i) {
    const std::string reference = "T" + std::to_string(seed) + "-" + std::to_string(i);
    const auto outcome = write.accept(submission(reference));
    if (!outcome || outcome->kind != AcceptKind::accepted) {
      ++faults;
      continue;
    }
    if (chance(20) &&
        write.accept(submission(reference)).value().receipt.SerializeAsString() != outcome->receipt.SerializeAsString())
      ++faults;
    for (const auto& delivery : outcome->deliveries) {
      if (chance(20) && !write.settle(set_back(delivery.id(), v1::DELIVERY_STATE_RETRYING, at(random() % 1000)))) ++faults;
      if (!write.settle(chance(15) ? dead(delivery.id()) : delivered(delivery.id()))) ++faults;
    }
    if (chance(25) && write.accept(correction(reference, "更正")).value().kind != AcceptKind::accepted) ++faults;
    if (chance(10) && !write.withdraw(withdrawal(outcome->receipt.item_id()))) ++faults;
    if (chance(10) && !write.refuse({department(), "GGJ", reference + "-bad", {"title: item.title.required"}, at()})) ++faults;
    if (chance(5) && !write.replay(replay_of(kWebsite))) ++faults;
  }
}

TEST_P(StoreConformance, KeepsStateAndLogTogetherUnderManyThreads) {
  std::atomic<int> faults = 0;
  std::atomic<bool> over = false;
  std::thread reader([&] {
    while (!over) {
      const auto head = store().log_head();
      if (head.size > 0 && audit::root_at(store(), head.size).value() != head.root) ++faults;
      if (!store().open_deliveries({kNoticeboard, at(1000), {}, 50}) || !store().delivery_groups()) ++faults;
    }
  });
  std::vector<std::thread> writers;
  for (unsigned seed = 1; seed <= 8; ++seed) writers.emplace_back([&, seed] { work(write(), seed, faults); });
  for (auto& writer : writers) writer.join();
  over = true;
  reader.join();
  EXPECT_EQ(faults, 0);
  EXPECT_EQ(index_numbers(store(), kPrefix).back(), 240);
  EXPECT_EQ(index_numbers(store(), kPrefix).size(), 240u);
  EXPECT_TRUE(is_sound(store()));
  close_and_reopen();
}

TEST_P(StoreConformance, CommitsWhatWaitsWhenItCloses) {
  Answers answers;
  {
    HeldStore held(store());
    for (int i = 0; i < 5; ++i) store().accept(submission("GG-" + std::to_string(i)), answers.next());
    std::thread closer([&] { store().close(); });
    held.release();
    closer.join();
  }
  EXPECT_EQ(answers.accepted, 5);
  open();
  EXPECT_EQ(all_items(store()).size(), 5u);
}

TEST_P(StoreConformance, TakesNoMoreWritesOnceItIsClosed) {
  accepted(submission("GG-1"));
  store().close();
  Answers answers;
  store().accept(submission("GG-2"), answers.next());
  EXPECT_EQ(answers.unavailable, 1) << "at once";
  EXPECT_EQ(code_of(write().record(audit::started("late"), at())), ErrorCode::unavailable);
  open();
  EXPECT_EQ(all_items(store()).size(), 1u);
}

}  // namespace
}  // namespace fabu::store
