// API keys: made and revoked with a record, read back whole but for what was never stored.
#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

TEST_P(StoreConformance, KeepsAKeyUntilItIsRevoked) {
  const KeyRecord key = sample_key("k7Q2mZ9x");
  EXPECT_EQ(write().create_key(key, administrator(), at(1)).value(), 0u);
  const auto stored = store().key("k7Q2mZ9x").value();
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->department, key.department);
  EXPECT_EQ(stored->name, key.name);
  EXPECT_EQ(stored->scopes, key.scopes);
  EXPECT_EQ(stored->secret, key.secret);
  EXPECT_EQ(stored->created_ms, key.created_ms);
  EXPECT_EQ(stored->revoked_ms, 0);

  EXPECT_EQ(write().revoke_key("k7Q2mZ9x", administrator(), at(2)).value(), 1u);
  close_and_reopen();
  EXPECT_EQ(store().key("k7Q2mZ9x").value()->revoked_ms, to_ms(at(2)));
}

TEST_P(StoreConformance, RefusesASecondKeyWithTheSameId) {
  write().create_key(sample_key("k7Q2mZ9x"), administrator(), at()).value();
  KeyRecord other = sample_key("k7Q2mZ9x");
  other.department = "ZFBZ";
  EXPECT_EQ(code_of(write().create_key(other, administrator(), at())), ErrorCode::conflict);
  write().revoke_key("k7Q2mZ9x", administrator(), at()).value();
  EXPECT_EQ(code_of(write().create_key(other, administrator(), at())), ErrorCode::conflict) << "an id is never used again";
  EXPECT_EQ(store().key("k7Q2mZ9x").value()->department, "GGJ");
}

TEST_P(StoreConformance, RevokesOnlyAKeyThatIsValid) {
  EXPECT_EQ(code_of(write().revoke_key("nobody", administrator(), at())), ErrorCode::not_found);
  write().create_key(sample_key("k7Q2mZ9x"), administrator(), at()).value();
  write().revoke_key("k7Q2mZ9x", administrator(), at(2)).value();
  EXPECT_EQ(code_of(write().revoke_key("k7Q2mZ9x", administrator(), at(3))), ErrorCode::not_found);
  EXPECT_EQ(store().key("k7Q2mZ9x").value()->revoked_ms, to_ms(at(2)));
}

TEST_P(StoreConformance, ListsKeysInTheOrderTheyWereMadeAndFindsByTheWholeId) {
  for (const auto* id : {"kc", "ka", "kb"}) {
    KeyRecord key = sample_key(id);
    key.created_ms += static_cast<std::int64_t>(store().keys().value().size());
    write().create_key(key, administrator(), at()).value();
  }
  const auto keys = store().keys().value();
  ASSERT_EQ(keys.size(), 3u);
  EXPECT_EQ(keys[0].id, "kc");
  EXPECT_EQ(keys[2].id, "kb");
  EXPECT_FALSE(store().key("k").value().has_value());
  EXPECT_FALSE(store().key("").value().has_value());
  EXPECT_FALSE(store().key("KA").value().has_value());
}

TEST_P(StoreConformance, RecordsWhoMadeAndRevokedAKeyButNotItsSecret) {
  const KeyRecord key = sample_key("k7Q2mZ9x");
  write().create_key(key, administrator(), at(1)).value();
  write().revoke_key("k7Q2mZ9x", administrator(), at(2)).value();
  const auto entries = store().log_entries(0, 10).value();
  ASSERT_EQ(entries.size(), 2u);
  v1::AuditRecord made, revoked;
  ASSERT_TRUE(made.ParseFromString(entries[0]));
  ASSERT_TRUE(revoked.ParseFromString(entries[1]));
  EXPECT_EQ(made.action(), v1::AUDIT_ACTION_KEY_CREATED);
  EXPECT_EQ(revoked.action(), v1::AUDIT_ACTION_KEY_REVOKED);
  EXPECT_EQ(made.actor(), "local");
  EXPECT_TRUE(made.has_commitment());
  EXPECT_EQ(entries[0].find(key.secret.view()), std::string::npos);
}

}  // namespace
}  // namespace fabu::store
