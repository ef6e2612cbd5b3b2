// What a command costs does not grow with what is stored: no statement reads a table whole. PostgreSQL keeps plans that it made
// while the tables were empty, when reading them whole was the cheapest.
#include "integration/store/several_brokers.h"

namespace fabu::store {
namespace {

class PostgresPlans : public SeveralBrokers {};

TEST_F(PostgresPlans, FindWhatTheyWantByAnIndexInATableThatWasEmptyWhenTheyWereMade) {
  constexpr int kItems = 150;
  {
    const auto one = broker(), two = broker();
    for (int i = 1; i <= kItems; ++i) {
      BlockingStore write(i % 3 == 0 ? *two : *one);
      const auto id = std::to_string(i);
      write.accept(submission("GG-" + id)).value();
      write.settle(delivered(id + "-1-" + kWebsite)).value();
      write
          .settle(i % 2 == 0 ? dead(id + "-1-" + kNoticeboard)
                             : set_back(id + "-1-" + kNoticeboard, v1::DELIVERY_STATE_RETRYING, at(50)))
          .value();
      if (i % 5 == 0) write.accept(correction("GG-" + id, "二")).value();
      if (i % 7 == 0) write.withdraw(withdrawal(static_cast<std::uint64_t>(i))).value();
      one->item(static_cast<std::uint64_t>(i)).value();
      one->open_deliveries({kWebsite, at(1000), {}, 2}).value();
      one->delivery(id + "-1-" + kWebsite).value();
      one->find_item("GGJ", "GG-" + id).value();
      one->item_records(static_cast<std::uint64_t>(i)).value();
    }
  }  // a backend that ends has counted
  const auto read = [this] {
    return ask(
        "SELECT sum(seq_tup_read)::int8 FROM pg_stat_user_tables WHERE relname IN ('item', 'edition', 'content', 'delivery', "
        "'log_entry')");
  };
  const auto found = [this] { return ask("SELECT sum(idx_scan)::int8 FROM pg_stat_user_tables WHERE relname = 'item'"); };
  EXPECT_TRUE(eventually([&] { return found() > kItems; }));
  EXPECT_LT(read(), kItems);
}

}  // namespace
}  // namespace fabu::store
