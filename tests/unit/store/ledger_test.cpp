#include "broker/store/ledger/ledger.h"

#include <gtest/gtest.h>

#include <map>

#include "broker/audit/records.h"

namespace fabu::store {
namespace {

// Rows in memory. An item's newest record is found among the records that were written, as databases do.
class MemoryRows final : public Rows {
 public:
  std::unique_ptr<Dossier> item(std::uint64_t id) override {
    const auto found = items_.find(id);
    if (found == items_.end()) return nullptr;
    auto copy = std::make_unique<Dossier>(found->second);
    const auto newest = newest_.find(id);
    copy->newest_record = newest == newest_.end() ? std::nullopt : std::optional(newest->second);
    return copy;
  }
  std::unique_ptr<Dossier> item(std::string_view department, std::string_view reference) override {
    for (const auto& [id, one] : items_) {
      if (one.department == department && one.reference == reference) return item(id);
    }
    return nullptr;
  }
  bool has_index(std::string_view) override { return false; }
  std::string content(std::uint64_t, std::uint32_t) override { return {}; }
  SerialRow serial(const std::string&) override { return {}; }
  std::vector<DeliveryKey> dead(const std::string&, const std::string&) override { return {}; }
  std::optional<KeyRecord> key(const std::string&) override { return std::nullopt; }

  void write(const Dossier& dossier) override {
    auto& kept = items_[dossier.id] = dossier;
    kept.mark = Mark::clean;
    kept.touched = false;
    for (auto& one : kept.editions) one.mark = Mark::clean;
    for (auto& one : kept.deliveries) one.mark = Mark::clean;
  }
  void write(const std::vector<audit::Leaf>& leaves, const std::vector<audit::FullTile>&) override {
    for (const auto& leaf : leaves) {
      v1::AuditRecord record;
      ASSERT_TRUE(record.ParseFromString(leaf.bytes));
      if (record.item_id() == 0) continue;
      const auto before = newest_.find(record.item_id());
      const std::string expected = before == newest_.end() ? std::string() : std::string(before->second.raw());
      EXPECT_EQ(record.previous(), expected) << "record " << record.seq();
      newest_[record.item_id()] = leaf.hash;
    }
  }
  void write_serial(const std::string&, std::int64_t) override {}
  void write(const KeyRecord&) override {}
  void write_pause(const std::string&, const std::optional<std::string>&, Instant) override {}
  void write(const StoredCheckpoint&) override {}
  void count(const std::string&, std::int64_t, std::int64_t) override {}

  std::map<std::uint64_t, Dossier> items_;
  std::map<std::uint64_t, Digest> newest_;
};

// What a broker takes over in the midst of a group is read anew by the commands behind it: with the records of those before it.
TEST(Ledger, ChainsAnItemsRecordsThoughItIsReadAnewWithinATransaction) {
  MemoryRows rows;
  Ledger ledger(rows);
  ledger.begin({});
  Accept accept;
  accept.caller = {v1::ACTOR_KIND_DEPARTMENT, "GGJ", "k1", 1};
  accept.department = "GGJ";
  accept.reference = "R-1";
  accept.index_prefix = "X/202608-";
  accept.content = "content";
  accept.channels = {"website"};
  ASSERT_TRUE(ledger.accept(accept));
  ledger.forget_items();
  Settle settle;
  settle.actor = "website";
  settle.report.set_delivery_id("1-1-website");
  settle.report.mutable_delivered()->set_delivery_id("1-1-website");
  ASSERT_TRUE(ledger.settle(settle));
  ledger.flush();
  EXPECT_EQ(rows.items_.at(1).deliveries.at(0).delivery.state(), v1::DELIVERY_STATE_DELIVERED);
}

}  // namespace
}  // namespace fabu::store
