// A Store whose every answer a test decides.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/store/store.h"
#include "unit/print_result.h"

namespace fabu::flow {

class MockStore : public store::Store {
 public:
  // Elsewhere, so that gmock's code for all these methods is made once.
  MockStore();
  ~MockStore() override;
  using u64 = std::uint64_t;
  MOCK_METHOD(void, accept, (store::Accept, store::Done<store::Accepted>), (override));
  MOCK_METHOD(void, refuse, (store::Refuse, store::Done<u64>), (override));
  MOCK_METHOD(void, withdraw, (store::Withdraw, store::Done<store::Withdrawn>), (override));
  MOCK_METHOD(void, review, (store::Review, store::Done<store::Reviewed>), (override));
  MOCK_METHOD(void, settle, (store::Settle, store::Done<store::Settled>), (override));
  MOCK_METHOD(void, replay, (store::Replay, store::Done<store::Replayed>), (override));
  MOCK_METHOD(void, switch_channel, (store::SwitchChannel, store::Done<u64>), (override));
  MOCK_METHOD(Result<std::vector<store::PausedChannel>>, paused_channels, (), (override));
  MOCK_METHOD(void, create_key, (store::KeyRecord, Caller, Instant, store::Done<u64>), (override));
  MOCK_METHOD(void, revoke_key, (std::string, Caller, Instant, store::Done<u64>), (override));
  MOCK_METHOD(void, record, (audit::Draft, Instant, store::Done<u64>), (override));
  MOCK_METHOD(void, save_checkpoint, (store::StoredCheckpoint, store::Done<u64>), (override));
  MOCK_METHOD(std::size_t, backlog, (), (const, override));
  MOCK_METHOD(Result<std::optional<u64>>, find_item, (std::string_view, std::string_view), (override));
  MOCK_METHOD(Result<std::optional<u64>>, find_index, (std::string_view), (override));
  MOCK_METHOD(Result<v1::ItemView>, item, (u64), (override));
  MOCK_METHOD(Result<std::vector<v1::ItemSummary>>, items, (const store::ItemQuery&), (override));
  MOCK_METHOD(Result<std::vector<v1::Delivery>>, deliveries, (const store::DeliveryQuery&), (override));
  MOCK_METHOD(Result<v1::Delivery>, delivery, (const std::string&), (override));
  MOCK_METHOD(Result<std::vector<v1::DeliveryGroup>>, delivery_groups, (), (override));
  MOCK_METHOD(Result<store::ChannelCounts>, channel_counts, (const std::string&), (override));
  MOCK_METHOD(Result<store::OpenBatch>, open_deliveries, (const store::OpenQuery&), (override));
  MOCK_METHOD(Result<v1::Work>, work, (const std::string&), (override));
  MOCK_METHOD(Result<std::vector<store::KeyRecord>>, keys, (), (override));
  MOCK_METHOD(Result<std::optional<store::KeyRecord>>, key, (std::string_view), (override));
  MOCK_METHOD(store::LogHead, log_head, (), (override));
  MOCK_METHOD(Result<std::vector<std::string>>, log_entries, (u64, std::size_t), (override));
  MOCK_METHOD(Result<std::vector<std::string>>, item_records, (u64), (override));
  MOCK_METHOD(Result<std::vector<v1::Opening>>, openings, (u64), (override));
  MOCK_METHOD(Result<std::optional<store::StoredCheckpoint>>, latest_checkpoint, (), (override));
  MOCK_METHOD(void, subscribe, (store::OnNews), (override));
  MOCK_METHOD(void, campaign, (store::OnLead), (override));
  MOCK_METHOD(bool, leads, (), (const, override));
  MOCK_METHOD(Result<std::unique_ptr<store::AttachmentWriter>>, write_attachment, (const Digest&, u64), (override));
  MOCK_METHOD(Result<std::optional<u64>>, attachment_size, (const Digest&), (override));
  MOCK_METHOD(Result<std::string>, attachment_path, (const Digest&), (override));
  MOCK_METHOD(void, close, (), (override));
  MOCK_METHOD(Result<std::vector<Digest>>, tile, (unsigned, u64, unsigned), (const, override));
};

}  // namespace fabu::flow
