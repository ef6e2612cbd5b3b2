#include "broker/audit/verify_log.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "broker/audit/note.h"
#include "unit/audit/sample_log.h"

namespace fabu::audit {
namespace {

const char* const kEntries = "tile/entries/000.p/22";
const char* const kLeaves = "tile/0/000.p/22";

Verdict verify(const std::map<std::string, std::string>& files, VerifyLogOptions options = {trusted(), {}, 1000, {}}) {
  MemoryReader reader(files);
  return verify_log(reader, options);
}

// The log's files when somebody changed the entries and made all tiles anew, but could not sign.
std::map<std::string, std::string> retiled(const std::vector<std::string>& entries, const std::string& checkpoint) {
  SampleLog forged;
  for (const auto& entry : entries) forged.append_raw(entry);
  auto files = forged.files();
  files["checkpoint"] = checkpoint;
  return files;
}

TEST(VerifyLog, AcceptsAWholeLogAndCountsItsRecords) {
  const auto sample = sample_item();
  ASSERT_EQ(sample.log.entries().size(), 22U);
  const auto verdict = verify(sample.log.files());
  EXPECT_TRUE(verdict.ok) << verdict.failure;
  EXPECT_TRUE(verdict.trusted);
  EXPECT_EQ(verdict.records, 22U);
  EXPECT_EQ(verdict.size, 22U);
  EXPECT_EQ(verdict.root, sample.log.tree().edge().root());
  EXPECT_EQ(verdict.origin, kOrigin);
}

TEST(VerifyLog, WithoutATrustedKeySaysThatNobodyVouchesForIt) {
  const auto verdict = verify(sample_item().log.files(), {});
  EXPECT_TRUE(verdict.ok) << verdict.failure;
  EXPECT_FALSE(verdict.trusted);
}

TEST(VerifyLog, AcceptsTheEmptyLogAndEverySmallSize) {
  for (const std::size_t size : {0UL, 1UL, 2UL, 3UL, 255UL, 256UL, 257UL, 511UL, 512UL, 513UL}) {
    SampleLog log;
    if (size > 0) log = long_log(size);
    const auto verdict = verify(log.files());
    EXPECT_TRUE(verdict.ok) << size << " " << verdict.failure;
    EXPECT_EQ(verdict.records, size);
  }
}

TEST(VerifyLog, EveryChangedByteOfEveryRecordIsCaughtAndTheRecordNamed) {
  const auto sample = sample_item();
  const auto files = sample.log.files();
  std::size_t place = 0;
  for (std::uint64_t seq = 0; seq < sample.log.entries().size(); ++seq) {
    const std::size_t end = place + 2 + sample.log.entries()[seq].size();
    for (; place < end; ++place) {
      for (const int mask : {0x01, 0x80, 0xFF}) {
        auto changed = files;
        changed[kEntries][place] = static_cast<char>(changed[kEntries][place] ^ mask);
        const auto verdict = verify(changed);
        ASSERT_FALSE(verdict.ok) << "byte " << place;
        ASSERT_EQ(verdict.bad_seq, seq) << "byte " << place << " " << label(verdict);
        ASSERT_NE(verdict.failure.find("record " + std::to_string(seq)), std::string::npos) << label(verdict);
        ASSERT_TRUE(verdict.fault == Fault::leaf || verdict.fault == Fault::sequence_gap) << label(verdict);
      }
    }
  }
  EXPECT_EQ(place, files.at(kEntries).size());
}

TEST(VerifyLog, EveryChangedByteOfTheLeafTileIsCaughtAndTheRecordNamed) {
  const auto files = sample_item().log.files();
  for (std::size_t place = 0; place < files.at(kLeaves).size(); ++place) {
    auto changed = files;
    changed[kLeaves][place] ^= 1;
    const auto verdict = verify(changed);
    ASSERT_EQ(verdict.fault, Fault::leaf) << place;
    ASSERT_EQ(verdict.bad_seq, place / 32);
    ASSERT_EQ(verdict.failure, "record " + std::to_string(place / 32) + ": leaf does not match tile/0/000.p/22");
  }
}

TEST(VerifyLog, EveryChangedByteOfTheCheckpointIsCaught) {
  const auto files = sample_item().log.files();
  for (std::size_t place = 0; place < files.at("checkpoint").size(); ++place) {
    auto changed = files;
    changed["checkpoint"][place] ^= 1;
    const auto verdict = verify(changed);
    ASSERT_FALSE(verdict.ok) << place;
    ASSERT_TRUE(verdict.fault == Fault::signature || verdict.fault == Fault::unreadable) << label(verdict);
  }
}

TEST(VerifyLog, EveryCutFileIsCaught) {
  const auto files = sample_item().log.files();
  for (const auto& [path, bytes] : files) {
    for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 97) {
      auto cut = files;
      cut[path] = bytes.substr(0, length);
      ASSERT_FALSE(verify(cut).ok) << path << " at " << length;
    }
    auto longer = files;
    longer[path] += std::string(40, '\0');
    ASSERT_FALSE(verify(longer).ok) << path;
    auto without = files;
    without.erase(path);
    ASSERT_EQ(verify(without).fault, Fault::missing) << path;
  }
}

TEST(VerifyLog, EveryDroppedRecordIsCaughtAndNamed) {
  const auto sample = sample_item();
  for (std::size_t dropped = 0; dropped < 22; ++dropped) {
    auto entries = sample.log.entries();
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(dropped));
    auto files = sample.log.files();
    files[kEntries] = entry_bundle(entries);
    auto verdict = verify(files);
    EXPECT_EQ(verdict.bad_seq, dropped) << label(verdict);
    EXPECT_EQ(verdict.fault, dropped + 1 < 22 ? Fault::sequence_gap : Fault::leaf) << label(verdict);
    // The same with every tile made anew and the last record added again to keep the size.
    entries.push_back(sample.log.entries().back());
    verdict = verify(retiled(entries, sample.log.checkpoint()));
    if (dropped == 21) continue;  // nothing was changed
    EXPECT_EQ(verdict.bad_seq, dropped) << label(verdict);
    EXPECT_EQ(verdict.fault, Fault::sequence_gap) << label(verdict);
  }
}

TEST(VerifyLog, EveryTwoReorderedRecordsAreCaughtAndTheFirstNamed) {
  const auto sample = sample_item();
  for (std::size_t i = 0; i < 22; ++i) {
    for (std::size_t j = i + 1; j < 22; ++j) {
      auto entries = sample.log.entries();
      std::swap(entries[i], entries[j]);
      auto files = sample.log.files();
      files[kEntries] = entry_bundle(entries);
      for (const auto& broken : {files, retiled(entries, sample.log.checkpoint())}) {
        const auto verdict = verify(broken);
        ASSERT_EQ(verdict.bad_seq, i) << label(verdict);
        ASSERT_EQ(verdict.fault, Fault::sequence_gap) << label(verdict);
      }
    }
  }
}

TEST(VerifyLog, ARecordChangedWithAllTilesMadeAnewBreaksTheChainOrTheRoot) {
  const auto sample = sample_item();
  for (std::size_t changed = 0; changed < 22; ++changed) {
    auto entries = sample.log.entries();
    v1::AuditRecord record;
    ASSERT_TRUE(record.ParseFromString(entries[changed]));
    record.set_actor("somebody else");
    entries[changed] = record.SerializeAsString();
    const auto verdict = verify(retiled(entries, sample.log.checkpoint()));
    ASSERT_FALSE(verdict.ok);
    ASSERT_TRUE(verdict.fault == Fault::chain || verdict.fault == Fault::root) << label(verdict);
    if (verdict.fault == Fault::chain) {
      ASSERT_GT(verdict.bad_seq.value(), changed);
    }
  }
}

TEST(VerifyLog, AForgedCheckpointIsCaught) {
  const auto sample = sample_item();
  const auto thief = SigningKey::from_seed(std::string(32, '\x9'), kOrigin).value();
  auto files = sample.log.files();
  files["checkpoint"] = thief.sign_checkpoint(22, sample.log.tree().edge().root());
  EXPECT_EQ(verify(files).fault, Fault::signature);
  EXPECT_TRUE(verify(files, {}).ok) << "only a trusted key tells a forger from the log";
  // The log's own key over another root, or over fewer records.
  files["checkpoint"] = log_key().sign_checkpoint(22, sha256("another root"));
  EXPECT_EQ(verify(files).fault, Fault::root);
  files["checkpoint"] = log_key().sign_checkpoint(21, sample.log.tree().edge().root());
  EXPECT_FALSE(verify(files).ok);
}

TEST(VerifyLog, ChangedUpperTilesAreCaughtAndNamed) {
  const auto files = long_log(600).files();
  ASSERT_TRUE(verify(files).ok);
  ASSERT_TRUE(files.contains("tile/1/000.p/2"));
  for (std::size_t place = 0; place < files.at("tile/1/000.p/2").size(); ++place) {
    auto changed = files;
    changed["tile/1/000.p/2"][place] ^= 1;
    const auto verdict = verify(changed);
    ASSERT_EQ(verdict.fault, Fault::tile);
    ASSERT_NE(verdict.failure.find("tile/1/000.p/2"), std::string::npos) << verdict.failure;
  }
}

TEST(VerifyLog, FullTilesOfUpperLevelsAreCompared) {
  const auto log = long_log(65536 + 300);
  auto files = log.files();
  VerifyLogOptions options{trusted(), {}, 100'000, {}};
  std::uint64_t reported = 0;
  options.progress = [&](std::uint64_t done, std::uint64_t) { reported = done; };
  const auto whole = verify(files, options);
  EXPECT_TRUE(whole.ok) << whole.failure;
  EXPECT_EQ(reported, 65836U);
  ASSERT_TRUE(files.contains("tile/1/000") && files.contains("tile/2/000.p/1") && files.contains("tile/1/001.p/1"));
  files["tile/1/000"][8191] ^= 1;
  EXPECT_EQ(verify(files, options).failure, "tile/1/000: it does not follow from the tiles below it");
  files["tile/1/000"][8191] ^= 1;
  files["tile/2/000.p/1"][0] ^= 1;
  EXPECT_EQ(verify(files, options).failure, "tile/2/000.p/1: it does not follow from the tiles below it");
}

TEST(VerifyLog, ReadsTheFullTileWhereThePartialOneIsGone) {
  auto log = long_log(300);
  auto older = log.files();
  const auto later = long_log(600).files();
  older.erase("tile/0/001.p/44");
  older.erase("tile/entries/001.p/44");
  older["tile/0/001"] = later.at("tile/0/001");
  older["tile/entries/001"] = later.at("tile/entries/001");
  const auto verdict = verify(older);
  EXPECT_TRUE(verdict.ok) << verdict.failure;
  EXPECT_EQ(verdict.records, 300U);
}

TEST(VerifyLog, IsConsistentWithEveryOlderCheckpointAndWithNoOther) {
  const auto sample = sample_item();
  for (std::uint64_t size = 0; size <= 22; ++size) {
    const auto root = root_at(sample.log.tree(), size).value();
    const auto good = verify(sample.log.files(), {trusted(), log_key().sign_checkpoint(size, root), 1000, {}});
    EXPECT_TRUE(good.ok) << size << " " << good.failure;
    const auto bad = verify(sample.log.files(), {trusted(), log_key().sign_checkpoint(size, sha256("other history")), 1000, {}});
    EXPECT_EQ(bad.fault, Fault::inconsistent) << size;
  }
  const auto shorter = verify(sample.log.files(), {trusted(), log_key().sign_checkpoint(23, sha256("more")), 1000, {}});
  EXPECT_EQ(shorter.fault, Fault::inconsistent) << "the log went back";
  const auto thief = SigningKey::from_seed(std::string(32, '\x9'), kOrigin).value();
  EXPECT_EQ(verify(sample.log.files(), {trusted(), thief.sign_checkpoint(0, empty_root()), 1000, {}}).fault, Fault::signature);
}

// One record that lies, in a log that is otherwise whole and signed: the broker itself is at fault.
Verdict verify_with_last(const SampleLog& log, const std::function<void(v1::AuditRecord&)>& lie) {
  auto entries = log.entries();
  v1::AuditRecord record;
  record.ParseFromString(entries.back());
  lie(record);
  SampleLog forged;
  for (std::size_t i = 0; i + 1 < entries.size(); ++i) forged.append_raw(entries[i]);
  forged.append_raw(record.SerializeAsString());
  return verify(forged.files());
}

TEST(VerifyLog, ALogThatContradictsItselfIsCaughtThoughItIsSigned) {
  const auto sample = sample_item();
  const auto expect = [&](Fault fault, const std::function<void(v1::AuditRecord&)>& lie) {
    const auto verdict = verify_with_last(sample.log, lie);
    EXPECT_EQ(verdict.fault, fault) << label(verdict);
    EXPECT_EQ(verdict.bad_seq, 21U);
  };
  EXPECT_TRUE(verify_with_last(sample.log, [](v1::AuditRecord&) {}).ok);
  expect(Fault::sequence_gap, [](v1::AuditRecord& r) { r.set_seq(22); });
  expect(Fault::time, [](v1::AuditRecord& r) { r.set_time_ms(1); });
  expect(Fault::chain, [](v1::AuditRecord& r) { r.clear_previous(); });
  expect(Fault::chain, [](v1::AuditRecord& r) { r.set_previous(sha256("x").raw()); });
  expect(Fault::chain, [](v1::AuditRecord& r) { r.set_item_id(0); });
  expect(Fault::chain, [](v1::AuditRecord& r) { r.set_item_id(3); });
  expect(Fault::contradiction, [](v1::AuditRecord& r) { r.set_item_id(3), r.clear_previous(); });
  expect(Fault::contradiction, [](v1::AuditRecord& r) { r.set_edition(4); });
  expect(Fault::contradiction, [](v1::AuditRecord& r) { r.set_edition_digest(sha256("x").raw()); });
  expect(Fault::contradiction, [](v1::AuditRecord& r) { r.set_edition(4), r.set_action(v1::AUDIT_ACTION_RECEIVED); });
  expect(Fault::contradiction, [](v1::AuditRecord& r) { r.set_action(v1::AUDIT_ACTION_APPROVED); });
  expect(Fault::unreadable, [](v1::AuditRecord& r) { r.clear_detail(); });
  expect(Fault::unreadable, [](v1::AuditRecord& r) { r.set_commitment("short"); });
  expect(Fault::unreadable, [](v1::AuditRecord& r) { r.set_receipt_digest("short"); });
}

TEST(VerifyLog, WhatWaitsForReviewMayNotGoOn) {
  const auto edition = edition_of(1, 1, v1::EDITION_KIND_ORIGINAL);
  const Caller reviewer{v1::ACTOR_KIND_REVIEWER, "ZJW", "r1", 16};
  SampleLog unapproved;
  unapproved.append(received(department(), edition, "ZJW", "1"));
  unapproved.append(held(edition));
  auto rejected = unapproved, approved = unapproved;
  unapproved.append(planned(edition, {"website"}, {}));
  EXPECT_EQ(verify(unapproved.files()).fault, Fault::contradiction);
  rejected.append(reviewed(reviewer, edition, false, ""));
  EXPECT_TRUE(verify(rejected.files()).ok);
  rejected.append(planned(edition, {"website"}, {}));
  EXPECT_EQ(verify(rejected.files()).bad_seq, 3U);
  approved.append(reviewed(reviewer, edition, true, ""));
  approved.append(planned(edition, {"website"}, {}));
  EXPECT_TRUE(verify(approved.files()).ok);
}

TEST(VerifyLog, SaysWhenThereAreMoreItemsThanItsBound) {
  const auto verdict = verify(long_log(30).files(), {trusted(), {}, 5, {}});
  EXPECT_FALSE(verdict.ok);
  EXPECT_NE(verdict.failure.find("bound of 5"), std::string::npos) << verdict.failure;
}

TEST(VerifyLog, ReadsALogFromAFolder) {
  const auto folder = std::filesystem::temp_directory_path() / ("fabu-audit-" + std::to_string(::getpid()));
  for (const auto& [path, bytes] : sample_item().log.files()) {
    std::filesystem::create_directories((folder / path).parent_path());
    std::ofstream(folder / path, std::ios::binary) << bytes;
  }
  FolderReader reader(folder);
  const auto verdict = verify_log(reader, {trusted(), {}, 1000, {}});
  EXPECT_TRUE(verdict.ok) << verdict.failure;
  std::filesystem::remove_all(folder);
  EXPECT_EQ(verify_log(reader, {}).fault, Fault::missing);
}

}  // namespace
}  // namespace fabu::audit
