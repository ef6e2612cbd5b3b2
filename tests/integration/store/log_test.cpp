// The log: leaves in order, chains, tiles, openings and checkpoints. That it verifies as a whole is inspected after every test.
#include <atomic>
#include <set>

#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

std::vector<v1::AuditRecord> records_of(const std::vector<std::string>& entries) {
  std::vector<v1::AuditRecord> records(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) records[i].ParseFromString(entries[i]);
  return records;
}

// Many records of no item, in few groups.
void fill_log(Store& store, std::uint64_t records) {
  std::atomic<std::uint64_t> stored = 0;
  for (std::uint64_t i = 0; i + 1 < records; ++i) {
    if (i % 1000 == 999) {  // fewer than may wait
      ASSERT_TRUE(BlockingStore(store).record(audit::started("so far"), at()));
      ++stored;
      continue;
    }
    store.record(audit::started(std::to_string(i)), at(), [&](Result<std::uint64_t> index) { stored += index ? 1 : 0; });
  }
  ASSERT_TRUE(BlockingStore(store).record(audit::started("last"), at())) << "and with it all before";
  ASSERT_EQ(stored + 1, records);
}

TEST_P(StoreConformance, BeginsWithAnEmptyLog) {
  EXPECT_EQ(store().log_head().size, 0u);
  EXPECT_EQ(store().log_head().root, audit::empty_root());
  EXPECT_TRUE(store().log_entries(0, 10).value().empty());
  EXPECT_FALSE(store().tile(0, 0, 1));
  EXPECT_FALSE(store().latest_checkpoint().value().has_value());
}

TEST_P(StoreConformance, NumbersItsRecordsWithoutGapsAcrossEveryKindOfWrite) {
  published("GG-1");
  write().refuse({department(), "GGJ", "GG-2", {}, at()}).value();
  write().create_key(sample_key("k1"), administrator(), at()).value();
  write().withdraw(withdrawal(1)).value();
  write().settle(dead("1-2-website")).value();
  write().replay(replay_of()).value();
  write().record(audit::channel_changed(kWebsite, true, v1::ACTOR_KIND_OPERATOR, "XXZX/k1operat", "maintenance"), at()).value();
  close_and_reopen();
  write().record(audit::started("0.1.0"), at()).value();
  const auto records = records_of(store().log_entries(0, 100).value());
  ASSERT_EQ(records.size(), store().log_head().size);
  for (std::size_t seq = 0; seq < records.size(); ++seq) EXPECT_EQ(records[seq].seq(), seq);
}

TEST_P(StoreConformance, GivesTheLeafIndexOfEachRecord) {
  EXPECT_EQ(write().record(audit::started("0.1.0"), at()).value(), 0u);
  EXPECT_EQ(accepted(submission("GG-1")).receipt.log_index(), 1u);
  EXPECT_EQ(write().refuse({department(), "GGJ", "GG-2", {}, at()}).value(), 3u);
}

TEST_P(StoreConformance, ChainsTheRecordsOfEachItem) {
  published("GG-1");
  published("GG-2");
  accepted(correction("GG-1", "二"));
  close_and_reopen();
  write().settle(delivered("1-2-website")).value();
  const auto entries = store().item_records(1).value();
  const auto records = records_of(entries);
  ASSERT_EQ(records.size(), 7u);
  EXPECT_TRUE(records[0].previous().empty());
  for (std::size_t i = 1; i < records.size(); ++i) EXPECT_EQ(records[i].previous(), audit::leaf_hash(entries[i - 1]).raw()) << i;
}

TEST_P(StoreConformance, NeverGoesBackInTime) {
  accepted(submission("GG-1", at(100)));
  accepted(submission("GG-2", at(50)));
  close_and_reopen();
  accepted(submission("GG-3", at(70)));
  std::int64_t last = 0;
  for (const auto& record : records_of(store().log_entries(0, 100).value())) {
    EXPECT_GE(record.time_ms(), last);
    last = record.time_ms();
  }
  EXPECT_EQ(last, to_ms(at(100)));
  EXPECT_EQ(store().item(2).value().editions(0).edition().received_ms(), to_ms(at(50))) << "the state keeps the clock's word";
}

TEST_P(StoreConformance, ServesFullAndPartialTilesOfEveryLevel) {
  constexpr std::uint64_t kSize = 3 * audit::kTileWidth + 57;
  fill_log(store(), kSize);
  const auto entries = store().log_entries(0, 4096).value();
  ASSERT_EQ(entries.size(), kSize);
  for (const unsigned width : {1U, 57U}) {
    const auto tile = store().tile(0, 3, width).value();
    ASSERT_EQ(tile.size(), width);
    for (unsigned i = 0; i < width; ++i) EXPECT_EQ(tile[i], audit::leaf_hash(entries[3 * audit::kTileWidth + i]));
  }
  EXPECT_EQ(store().tile(0, 2, audit::kTileWidth).value().back(), audit::leaf_hash(entries[3 * audit::kTileWidth - 1]));
  EXPECT_EQ(store().tile(0, 0, 100).value().size(), 100u) << "a part of a full tile too";
  EXPECT_EQ(store().tile(1, 0, 3).value().size(), 3u);
  EXPECT_EQ(audit::root_at(store(), kSize).value(), store().log_head().root);
}

TEST_P(StoreConformance, ServesNoTileThatTheTreeDoesNotHave) {
  fill_log(store(), audit::kTileWidth + 3);
  EXPECT_EQ(code_of(store().tile(0, 1, 4)), ErrorCode::not_found);
  EXPECT_EQ(code_of(store().tile(0, 2, 1)), ErrorCode::not_found);
  EXPECT_EQ(code_of(store().tile(1, 0, 2)), ErrorCode::not_found);
  EXPECT_EQ(code_of(store().tile(2, 0, 1)), ErrorCode::not_found);
  EXPECT_EQ(code_of(store().tile(0, 0, 0)), ErrorCode::not_found);
  EXPECT_EQ(code_of(store().tile(0, 0, 257)), ErrorCode::not_found);
  EXPECT_EQ(code_of(store().tile(70, 0, 1)), ErrorCode::not_found);
  EXPECT_EQ(code_of(store().tile(0, std::uint64_t{1} << 60, 1)), ErrorCode::not_found);
}

TEST_P(StoreConformance, ProvesEveryRecordAndEveryEarlierHead) {
  std::vector<LogHead> heads;
  for (int i = 0; i < 40; ++i) {
    accepted(submission("GG-" + std::to_string(i)));
    heads.push_back(store().log_head());
  }
  const auto last = heads.back();
  const auto entries = store().log_entries(0, 4096).value();
  for (std::uint64_t i = 0; i < last.size; i += 7) {
    const auto proof = audit::inclusion_proof(store(), i, last.size).value();
    EXPECT_TRUE(audit::verify_inclusion(i, last.size, audit::leaf_hash(entries[i]), proof, last.root)) << i;
  }
  for (const auto& head : heads) {
    const auto proof = audit::consistency_proof(store(), head.size, last.size).value();
    EXPECT_TRUE(audit::verify_consistency(head.size, last.size, proof, head.root, last.root)) << head.size;
  }
}

TEST_P(StoreConformance, TakesUpTheTreeWhereItWasAtEverySizeAroundATile) {
  fill_log(store(), audit::kTileWidth - 2);
  for (int i = 0; i < 4; ++i) {
    const auto before = store().log_head();
    close_and_reopen();
    EXPECT_EQ(store().log_head().size, before.size);
    EXPECT_EQ(store().log_head().root, before.root);
    write().record(audit::started("again"), at()).value();
    EXPECT_TRUE(is_sound(store()));
  }
}

TEST_P(StoreConformance, ReadsEntriesInBoundedPieces) {
  fill_log(store(), 4200);
  EXPECT_EQ(store().log_entries(0, 100'000).value().size(), 4096u);
  EXPECT_EQ(store().log_entries(4096, 4096).value().size(), 104u);
  EXPECT_EQ(store().log_entries(10, 3).value().size(), 3u);
  EXPECT_TRUE(store().log_entries(4200, 1).value().empty());
}

TEST_P(StoreConformance, OpensEveryCommitmentOfAnItem) {
  Accept command = submission("GG-1");
  command.held = true;
  const auto outcome = accepted(command);
  write().review(decision(outcome.edition, true, "同意发布")).value();
  write().settle(set_back("1-1-website", v1::DELIVERY_STATE_RETRYING, at(300), "http.503")).value();
  close_and_reopen();
  const auto openings = store().openings(1).value();
  ASSERT_EQ(openings.size(), 3u);
  std::set<std::string> salts;
  for (const auto& opening : openings) salts.insert(opening.salt());
  EXPECT_EQ(salts.size(), 3u) << "each has a salt of its own";
  v1::AuditDetail failure;
  ASSERT_TRUE(failure.ParseFromString(openings[2].detail()));
  EXPECT_EQ(failure.failure().code(), "http.503");
  const auto records = records_of(store().item_records(1).value());
  EXPECT_EQ(records[openings[2].seq()].commitment(), sha256(openings[2].salt() + openings[2].detail()).raw());
}

TEST_P(StoreConformance, KeepsTheNewestCheckpoint) {
  write().save_checkpoint({10, "fabu.test/log\n10\n…\n", 1000}).value();
  write().save_checkpoint({30, "fabu.test/log\n30\n…\n", 3000}).value();
  write().save_checkpoint({20, "fabu.test/log\n20\n…\n", 4000}).value();
  close_and_reopen();
  const auto newest = store().latest_checkpoint().value();
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->size, 30u);
  EXPECT_EQ(newest->note, "fabu.test/log\n30\n…\n");
  EXPECT_EQ(newest->time_ms, 3000);
  EXPECT_EQ(store().log_head().size, 0u) << "a checkpoint is not a record";
}

}  // namespace
}  // namespace fabu::store
