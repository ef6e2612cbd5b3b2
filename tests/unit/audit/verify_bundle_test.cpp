#include "broker/audit/verify_bundle.h"

#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include "unit/audit/sample_log.h"

namespace fabu::audit {
namespace {

Verdict verify(const v1::EvidenceBundle& bundle) {
  return verify_bundle(bundle.SerializeAsString(), trusted());
}

std::uint64_t seq_of(const std::string& bytes) {
  v1::AuditRecord record;
  record.ParseFromString(bytes);
  return record.seq();
}

template <typename Repeated>
void erase_at(Repeated& field, int i) {
  field.DeleteSubrange(i, 1);
}

TEST(VerifyBundle, AcceptsAWholeBundle) {
  const auto bundle = sample_item().bundle();
  const auto verdict = verify(bundle);
  EXPECT_TRUE(verdict.ok) << verdict.failure;
  EXPECT_TRUE(verdict.trusted);
  EXPECT_EQ(verdict.records, 16U);
  EXPECT_EQ(verdict.size, 22U);
  EXPECT_EQ(bundle.openings_size(), 3);
}

TEST(VerifyBundle, UnderItsOwnKeySaysThatNobodyVouchesForIt) {
  const auto verdict = verify_bundle(sample_item().bundle().SerializeAsString());
  EXPECT_TRUE(verdict.ok) << verdict.failure;
  EXPECT_FALSE(verdict.trusted);
}

TEST(VerifyBundle, EveryChangedByteOfEveryRecordIsCaughtAndTheRecordNamed) {
  const auto bundle = sample_item().bundle();
  for (int i = 0; i < bundle.records_size(); ++i) {
    for (std::size_t place = 0; place < bundle.records(i).size(); ++place) {
      for (const int mask : {0x01, 0x80, 0xFF}) {
        auto changed = bundle;
        auto& byte = (*changed.mutable_records(i))[place];
        byte = static_cast<char>(byte ^ mask);
        const auto verdict = verify(changed);
        ASSERT_FALSE(verdict.ok) << i << " " << place;
        ASSERT_EQ(verdict.bad_seq, seq_of(bundle.records(i))) << label(verdict);
        ASSERT_TRUE(verdict.fault == Fault::leaf || verdict.fault == Fault::sequence_gap) << label(verdict);
      }
    }
  }
}

TEST(VerifyBundle, EveryDroppedRecordIsCaughtAndTheBreakNamed) {
  const auto bundle = sample_item().bundle();
  for (int i = 0; i < bundle.records_size(); ++i) {
    auto dropped = bundle;
    erase_at(*dropped.mutable_records(), i);
    auto verdict = verify(dropped);
    EXPECT_EQ(verdict.fault, Fault::sequence_gap) << label(verdict);
    EXPECT_EQ(verdict.bad_seq, seq_of(bundle.records(i))) << label(verdict);
    // With its proof and its opening gone too, the next record of the item does not name the one before it.
    erase_at(*dropped.mutable_proofs(), i);
    dropped.clear_openings();
    verdict = verify(dropped);
    ASSERT_FALSE(verdict.ok) << "record " << seq_of(bundle.records(i));
    if (i + 1 == bundle.records_size()) {
      EXPECT_EQ(verdict.fault, Fault::contradiction) << label(verdict);
      EXPECT_NE(verdict.failure.find("1-3-noticeboard"), std::string::npos) << label(verdict);
    } else {
      EXPECT_EQ(verdict.fault, Fault::chain) << label(verdict);
      EXPECT_EQ(verdict.bad_seq, seq_of(bundle.records(i + 1))) << label(verdict);
    }
  }
}

TEST(VerifyBundle, EveryTwoReorderedRecordsAreCaughtAndTheFirstNamed) {
  const auto bundle = sample_item().bundle();
  for (int i = 0; i < bundle.records_size(); ++i) {
    for (int j = i + 1; j < bundle.records_size(); ++j) {
      auto swapped = bundle;
      swapped.mutable_records()->SwapElements(i, j);
      auto verdict = verify(swapped);
      ASSERT_EQ(verdict.fault, Fault::sequence_gap) << label(verdict);
      ASSERT_EQ(verdict.bad_seq, seq_of(bundle.records(i))) << label(verdict);
      swapped.mutable_proofs()->SwapElements(i, j);
      verdict = verify(swapped);
      ASSERT_EQ(verdict.fault, Fault::chain) << label(verdict);
      ASSERT_EQ(verdict.bad_seq, seq_of(bundle.records(j))) << "the later one stands where it does not belong";
    }
  }
}

TEST(VerifyBundle, AForgedCheckpointIsCaught) {
  const auto sample = sample_item();
  const auto bundle = sample.bundle();
  const auto thief = SigningKey::from_seed(std::string(32, '\x9'), kOrigin).value();
  auto forged = bundle;
  forged.set_checkpoint(thief.sign_checkpoint(22, sample.log.tree().edge().root()));
  EXPECT_EQ(verify(forged).fault, Fault::signature);
  forged.set_verifier_key(thief.verifier_text());
  EXPECT_EQ(verify(forged).fault, Fault::signature) << "its own key is no help against a trusted one";
  EXPECT_TRUE(verify_bundle(forged.SerializeAsString()).ok);
  forged.set_checkpoint(log_key().sign_checkpoint(22, sha256("another root")));
  EXPECT_EQ(verify(forged).bad_seq, 1U) << "no record is in another tree";
  const auto note = bundle.checkpoint();
  for (std::size_t place = 0; place < note.size(); ++place) {
    forged = bundle;
    (*forged.mutable_checkpoint())[place] ^= 1;
    ASSERT_FALSE(verify(forged).ok) << place;
  }
}

TEST(VerifyBundle, EveryChangedProofIsCaughtAndTheRecordNamed) {
  const auto bundle = sample_item().bundle();
  for (int i = 0; i < bundle.proofs_size(); ++i) {
    for (int hash = 0; hash < bundle.proofs(i).path_size(); ++hash) {
      auto changed = bundle;
      (*changed.mutable_proofs(i)->mutable_path(hash))[31] ^= 1;
      ASSERT_EQ(verify(changed).bad_seq, seq_of(bundle.records(i)));
      changed.mutable_proofs(i)->mutable_path()->RemoveLast();
      ASSERT_EQ(verify(changed).fault, Fault::leaf);
    }
  }
}

TEST(VerifyBundle, ChangedEditionsAreCaughtAndTheirRecordNamed) {
  const auto bundle = sample_item().bundle();
  const std::vector<std::uint64_t> brought{1, 8, 17};
  for (int i = 0; i < bundle.editions_size(); ++i) {
    const auto expect = [&](const char* what, auto change) {
      auto changed = bundle;
      change(*changed.mutable_editions(i));
      const auto verdict = verify(changed);
      EXPECT_EQ(verdict.fault, Fault::edition) << what << " " << label(verdict);
      EXPECT_EQ(verdict.bad_seq, brought[static_cast<std::size_t>(i)]) << what << " " << label(verdict);
    };
    expect("content", [](v1::Edition& e) { e.set_content("other"); });
    expect("both", [](v1::Edition& e) { e.set_content("other"), e.set_digest(sha256("other").raw()); });
    expect("digest", [](v1::Edition& e) { e.clear_digest(); });
    expect("kind", [](v1::Edition& e) { e.set_kind(v1::EDITION_KIND_UNSPECIFIED); });
    if (i < 2) expect("index", [](v1::Edition& e) { e.set_index_no("other"); });
    if (i == 2) expect("reason", [](v1::Edition& e) { e.set_reason("other"); });
    auto without = bundle;
    erase_at(*without.mutable_editions(), i);
    EXPECT_EQ(verify(without).bad_seq, brought[static_cast<std::size_t>(i)]);
    auto twice = bundle;
    *twice.add_editions() = bundle.editions(i);
    EXPECT_EQ(verify(twice).fault, Fault::edition);
  }
  auto more = bundle;
  *more.add_editions() = edition_of(1, 4, v1::EDITION_KIND_CORRECTION);
  EXPECT_EQ(verify(more).fault, Fault::edition);
}

TEST(VerifyBundle, ChangedReceiptsAreCaughtAndTheirRecordNamed) {
  const auto bundle = sample_item().bundle();
  for (int i = 0; i < bundle.deliveries_size(); ++i) {
    auto changed = bundle;
    auto& delivery = *changed.mutable_deliveries(i);
    if (!delivery.has_receipt()) continue;
    delivery.mutable_receipt()->set_locator("https://elsewhere.example/");
    EXPECT_EQ(verify(changed).fault, Fault::receipt);
    EXPECT_TRUE(verify(changed).bad_seq.has_value());
    changed = bundle;
    changed.mutable_deliveries(i)->mutable_receipt()->set_time_ms(1);
    EXPECT_EQ(verify(changed).fault, Fault::receipt);
    changed = bundle;
    changed.mutable_deliveries(i)->set_channel("kiosk");
    EXPECT_EQ(verify(changed).fault, Fault::receipt);
    changed = bundle;
    changed.mutable_deliveries(i)->set_state(v1::DELIVERY_STATE_PENDING);
    EXPECT_EQ(verify(changed).fault, Fault::contradiction);
    changed = bundle;
    erase_at(*changed.mutable_deliveries(), i);
    EXPECT_EQ(verify(changed).fault, Fault::receipt) << "the receipt is missing";
    EXPECT_TRUE(verify(changed).bad_seq.has_value());
  }
}

TEST(VerifyBundle, ChangedOpeningsAreCaughtAndTheirRecordNamed) {
  const auto bundle = sample_item().bundle();
  for (int i = 0; i < bundle.openings_size(); ++i) {
    const auto seq = bundle.openings(i).seq();
    for (std::size_t place = 0; place < 32; ++place) {
      auto changed = bundle;
      (*changed.mutable_openings(i)->mutable_salt())[place] ^= 1;
      EXPECT_EQ(verify(changed).fault, Fault::opening);
      EXPECT_EQ(verify(changed).bad_seq, seq);
    }
    auto changed = bundle;
    changed.mutable_openings(i)->mutable_detail()->append("x");
    EXPECT_EQ(verify(changed).bad_seq, seq);
    changed = bundle;
    changed.mutable_openings(i)->set_seq(1);  // an open record
    EXPECT_EQ(verify(changed).fault, Fault::opening);
    changed = bundle;
    // The border between salt and detail may not move.
    auto& opening = *changed.mutable_openings(i);
    opening.set_detail(opening.salt().substr(31) + opening.detail());
    opening.mutable_salt()->resize(31);
    EXPECT_EQ(verify(changed).fault, Fault::opening);
  }
  auto fewer = bundle;
  fewer.clear_openings();
  EXPECT_TRUE(verify(fewer).ok) << "who may not read them still verifies the rest";
}

TEST(VerifyBundle, AnotherItemsRecordDoesNotBelong) {
  const auto sample = sample_item();
  auto bundle = sample.bundle();
  bundle.set_item_id(2);
  EXPECT_FALSE(verify(bundle).ok);
}

// What the log does not vouch for: when the bundle was made, and the store's working notes on deliveries.
std::string covered(v1::EvidenceBundle bundle) {
  bundle.DiscardUnknownFields();
  bundle.clear_made_ms();
  bundle.clear_openings();  // leaving them out is allowed
  for (auto& edition : *bundle.mutable_editions()) {
    edition.clear_received_ms();
    if (edition.kind() != v1::EDITION_KIND_WITHDRAWAL) edition.clear_reason();
    if (edition.kind() == v1::EDITION_KIND_WITHDRAWAL) edition.clear_index_no();
  }
  for (auto& delivery : *bundle.mutable_deliveries()) {
    delivery.clear_action();
    delivery.clear_attempts();
    delivery.clear_due_ms();
    delivery.clear_last_failure();
    delivery.clear_progress();
    delivery.clear_planned_ms();
    delivery.clear_settled_ms();
  }
  return bundle.SerializeAsString();
}

TEST(VerifyBundle, WhateverByteOfTheFileChangesWhatStillVerifiesSaysTheSame) {
  const auto bundle = sample_item().bundle();
  const auto bytes = bundle.SerializeAsString();
  std::size_t passed = 0;
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    for (const int mask : {0x01, 0x08, 0x80}) {
      auto changed = bytes;
      changed[place] = static_cast<char>(changed[place] ^ mask);
      if (!verify_bundle(changed, trusted()).ok) continue;
      ++passed;
      v1::EvidenceBundle parsed;
      ASSERT_TRUE(parsed.ParseFromString(changed));
      ASSERT_EQ(sha256(covered(parsed)), sha256(covered(bundle))) << "byte " << place;
    }
  }
  EXPECT_LT(passed, bytes.size() / 10);
}

TEST(VerifyBundle, EveryCutFileIsCaught) {
  const auto bytes = sample_item().bundle().SerializeAsString();
  std::size_t passed = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length)
    passed += verify_bundle(bytes.substr(0, length), trusted()).ok ? 1 : 0;
  // Only whole fields that the log does not vouch for may go: made_ms at the end.
  EXPECT_LE(passed, 1U);
  EXPECT_EQ(verify_bundle("", trusted()).fault, Fault::unreadable);
}

}  // namespace
}  // namespace fabu::audit
