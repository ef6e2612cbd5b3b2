// What a store is after its process ended, in order or not: exactly what was acknowledged, and it goes on from there.
#include "integration/store/conformance.h"
#include "integration/store/doomed_broker.h"

namespace fabu::store {
namespace {

TEST_P(StoreConformance, IsTheSameWhenOpenedAgainAfterClosing) {
  published("GG-1");
  accepted(correction("GG-1", "二"));
  write().settle(set_back("1-2-website", v1::DELIVERY_STATE_RETRYING, at(300))).value();
  accepted(submission("GG-2"));
  write().withdraw(withdrawal(2)).value();
  const auto head = store().log_head();
  const auto one = store().item(1).value().SerializeAsString(), two = store().item(2).value().SerializeAsString();
  const auto entries = store().log_entries(0, 100).value();
  for (int round = 0; round < 2; ++round) {
    close_and_reopen();
    EXPECT_EQ(store().log_head().size, head.size);
    EXPECT_EQ(store().log_head().root, head.root);
    EXPECT_EQ(store().item(1).value().SerializeAsString(), one);
    EXPECT_EQ(store().item(2).value().SerializeAsString(), two);
    EXPECT_EQ(store().log_entries(0, 100).value(), entries);
  }
}

TEST_P(StoreConformance, GoesOnWithNumbersReceiptsAndChainsWhenOpenedAgain) {
  const auto first = accepted(submission("GG-1"));
  close_and_reopen();
  EXPECT_EQ(write().accept(submission("GG-1")).value().receipt.SerializeAsString(), first.receipt.SerializeAsString());
  EXPECT_EQ(accepted(submission("GG-2")).receipt.item_id(), 2u);
  close_and_reopen();
  EXPECT_EQ(accepted(correction("GG-1", "二")).receipt.edition(), 2u);
  write().settle(delivered("1-2-website")).value();
  EXPECT_TRUE(is_sound(store()));
}

TEST_P(StoreConformance, HasEverythingAcknowledgedAfterItsProcessEndedWithoutClosing) {
  store().close();
  release();  // the child is to have the folder
  std::vector<std::string> acks;
  {
    DoomedBroker broker([&](auto ack) {
      open();
      for (int i = 1; i <= 20; ++i) {
        ack(accepted(submission("GG-" + std::to_string(i))).receipt.SerializeAsString());
        write().settle(delivered(std::to_string(i) + "-1-website")).value();
      }
    });
    while (auto ack = broker.next_ack()) acks.push_back(*ack);
  }
  open();
  ASSERT_EQ(acks.size(), 20u);
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(write().accept(submission("GG-" + std::to_string(i))).value().receipt.SerializeAsString(),
              acks[static_cast<std::size_t>(i - 1)]);
    EXPECT_EQ(state_of(std::to_string(i) + "-1-website"), v1::DELIVERY_STATE_DELIVERED);
  }
  EXPECT_EQ(accepted(submission("GG-21")).receipt.item_id(), 21u);
}

TEST_P(StoreConformance, HasEverythingAcknowledgedWhenItIsKilledAtWork) {
  store().close();
  release();
  std::vector<std::string> acks;
  for (const int life : {0, 1, 2}) {
    const auto reference = [&](int i) { return "LIFE" + std::to_string(life) + "-" + std::to_string(i); };
    DoomedBroker broker([&](auto ack) {
      open();
      for (int i = 0; i < 10'000; ++i) ack(accepted(submission(reference(i))).receipt.SerializeAsString());
    });
    for (int i = 0; i < 5 + 20 * life; ++i) acks.push_back(broker.next_ack().value());
  }
  open();
  for (const auto& ack : acks) {
    v1::SubmissionReceipt receipt;
    ASSERT_TRUE(receipt.ParseFromString(ack));
    EXPECT_EQ(write().accept(submission(receipt.reference())).value().receipt.SerializeAsString(), ack);
  }
  const auto numbers = index_numbers(store(), kPrefix);
  EXPECT_EQ(numbers.back(), static_cast<int>(numbers.size())) << "the numbers have no gap";
}

}  // namespace
}  // namespace fabu::store
