#include "broker/store/postgresql/pg_store.h"

#include <future>
#include <mutex>
#include <utility>

#include "broker/store/ledger/delivery_name.h"
#include "broker/store/postgresql/campaign.h"
#include "broker/store/postgresql/pg_attachments.h"
#include "broker/store/postgresql/pg_reads.h"
#include "broker/store/postgresql/pg_writer.h"
#include "broker/store/postgresql/pool.h"

namespace fabu::store {
namespace {

constexpr std::size_t kSmall = 256;  // bytes that a command without content counts for

Need of_item(std::uint64_t id) {
  return {{}, {}, id, {}, {}};
}

class PostgresStore final : public Store {
 public:
  PostgresStore(std::unique_ptr<pg::Presence> presence, std::unique_ptr<pg::PgWriter> writer, const PostgresOptions& options)
      : readers_(options.address, options.readers, options.deadline),
        attachments_(readers_, options.copies, options.s3),
        presence_(std::move(presence)),
        writer_(std::move(writer)),
        campaign_(options.address, options.leader_patience, [this](auto owners, auto done) {
          writer_->adopt(std::move(owners), presence_->session(), [done = std::move(done)](const Result<bool>&) { done(); });
        }) {}
  ~PostgresStore() override { PostgresStore::close(); }
  Result<void> prepare() {
    PostgresStore::log_head();
    if (const auto adopted = adopt_what_was_left(); !adopted) return adopted.error();
    presence_->start([this](auto owners, auto heir, auto more) { writer_->adopt(std::move(owners), heir, std::move(more)); });
    return attachments_.prepare();
  }

  void accept(Accept c, Done<Accepted> done) override {
    const auto bytes = c.content.size() + kSmall;
    Need need{c.department, c.reference, 0, c.index_no, c.index_no.empty() ? c.index_prefix : std::string()};
    write<Accepted>(
        bytes, std::move(need), [c = std::move(c)](Ledger& ledger) { return ledger.accept(c); }, std::move(done));
  }
  void refuse(Refuse c, Done<std::uint64_t> done) override {
    write<std::uint64_t>(
        kSmall, Need{}, [c = std::move(c)](Ledger& ledger) { return ledger.refuse(c); }, std::move(done));
  }
  void withdraw(Withdraw c, Done<Withdrawn> done) override {
    Need need = of_item(c.item_id);
    write<Withdrawn>(
        kSmall, std::move(need), [c = std::move(c)](Ledger& ledger) { return ledger.withdraw(c); }, std::move(done));
  }
  void review(Review c, Done<Reviewed> done) override {
    Need need = of_item(c.item_id);
    write<Reviewed>(
        kSmall, std::move(need), [c = std::move(c)](Ledger& ledger) { return ledger.review(c); }, std::move(done));
  }
  void settle(Settle c, Done<Settled> done) override {
    const auto key = parse_delivery_id(c.report.delivery_id());
    auto work = [c = std::move(c)](Ledger& ledger) { return ledger.settle(c); };
    writer_->submit<Settled>(kSmall, pg::PgWriter::Urgency::patient, of_item(key ? key->item : 0), std::move(work),
                             std::move(done));
  }
  void replay(Replay c, Done<Replayed> done) override {
    write<Replayed>(
        kSmall, Need{}, [c = std::move(c)](Ledger& ledger) { return ledger.replay(c); }, std::move(done));
  }
  void switch_channel(SwitchChannel c, Done<std::uint64_t> done) override {
    write<std::uint64_t>(
        kSmall, Need{}, [c = std::move(c)](Ledger& ledger) { return ledger.switch_channel(c); }, std::move(done));
  }
  void create_key(KeyRecord key, Caller caller, Instant now, Done<std::uint64_t> done) override {
    auto work = [key = std::move(key), caller = std::move(caller), now](Ledger& ledger) {
      return ledger.create_key(key, caller, now);
    };
    write<std::uint64_t>(kSmall, Need{}, std::move(work), std::move(done));
  }
  void revoke_key(std::string id, Caller caller, Instant now, Done<std::uint64_t> done) override {
    auto work = [id = std::move(id), caller = std::move(caller), now](Ledger& ledger) {
      return ledger.revoke_key(id, caller, now);
    };
    write<std::uint64_t>(kSmall, Need{}, std::move(work), std::move(done));
  }
  void record(audit::Draft draft, Instant now, Done<std::uint64_t> done) override {
    auto work = [draft = std::move(draft), now](Ledger& ledger) -> Result<std::uint64_t> { return ledger.record(draft, now); };
    write<std::uint64_t>(kSmall, Need{}, std::move(work), std::move(done));
  }
  void save_checkpoint(StoredCheckpoint checkpoint, Done<std::uint64_t> done) override {
    auto work = [checkpoint = std::move(checkpoint)](Ledger& ledger) { return ledger.save_checkpoint(checkpoint); };
    write<std::uint64_t>(kSmall, Need{}, std::move(work), std::move(done));
  }
  std::size_t backlog() const override { return writer_->backlog(); }

  Result<std::optional<std::uint64_t>> find_item(std::string_view department, std::string_view reference) override {
    using Found = std::optional<std::uint64_t>;
    return readers_.run<Found>(
        [&](pg::Connection& db) -> Result<Found> { return pg::read_item_by_reference(db, department, reference); });
  }
  Result<std::optional<std::uint64_t>> find_index(std::string_view index_no) override {
    using Found = std::optional<std::uint64_t>;
    return readers_.run<Found>([&](pg::Connection& db) -> Result<Found> { return pg::read_item_by_index(db, index_no); });
  }
  Result<v1::ItemView> item(std::uint64_t id) override {
    return readers_.snapshot<v1::ItemView>([&](pg::Connection& db) { return pg::read_item(db, id); });
  }
  Result<std::vector<v1::ItemSummary>> items(const ItemQuery& query) override {
    return readers_.run<std::vector<v1::ItemSummary>>([&](pg::Connection& db) { return pg::read_items(db, query); });
  }
  Result<std::vector<v1::Delivery>> deliveries(const DeliveryQuery& query) override {
    return readers_.snapshot<std::vector<v1::Delivery>>([&](pg::Connection& db) { return pg::read_deliveries(db, query); });
  }
  Result<v1::Delivery> delivery(const std::string& id) override {
    return readers_.run<v1::Delivery>([&](pg::Connection& db) { return pg::read_delivery(db, id); });
  }
  Result<std::vector<v1::DeliveryGroup>> delivery_groups() override {
    return readers_.run<std::vector<v1::DeliveryGroup>>([](pg::Connection& db) { return pg::read_groups(db); });
  }
  Result<ChannelCounts> channel_counts(const std::string& channel) override {
    return readers_.run<ChannelCounts>([&](pg::Connection& db) { return pg::read_counts(db, channel); });
  }
  Result<OpenBatch> open_deliveries(const OpenQuery& query) override {
    return readers_.snapshot<OpenBatch>([&](pg::Connection& db) { return pg::read_open(db, query, presence_->session()); });
  }
  Result<v1::Work> work(const std::string& id) override {
    return readers_.snapshot<v1::Work>([&](pg::Connection& db) { return pg::read_work(db, id); });
  }
  Result<std::vector<PausedChannel>> paused_channels() override {
    return readers_.run<std::vector<PausedChannel>>([](pg::Connection& db) { return pg::read_paused(db); });
  }
  Result<std::vector<KeyRecord>> keys() override {
    return readers_.run<std::vector<KeyRecord>>([](pg::Connection& db) { return pg::read_keys(db, {}); });
  }
  Result<std::optional<KeyRecord>> key(std::string_view id) override {
    if (id.empty()) return std::optional<KeyRecord>{};
    auto found = readers_.run<std::vector<KeyRecord>>([&](pg::Connection& db) { return pg::read_keys(db, id); });
    if (!found) return found.error();
    return found->empty() ? std::optional<KeyRecord>{} : std::optional<KeyRecord>{std::move(found->front())};
  }

  LogHead log_head() override {
    const auto head = readers_.run<LogHead>([](pg::Connection& db) { return pg::read_head(db); });
    const std::lock_guard lock(mutex_);
    if (head) known_ = *head;
    return known_;  // while the database is away: as it was
  }
  Result<std::vector<std::string>> log_entries(std::uint64_t first, std::size_t count) override {
    return readers_.run<std::vector<std::string>>([&](pg::Connection& db) { return pg::read_entries(db, first, count); });
  }
  Result<std::vector<std::string>> item_records(std::uint64_t id) override {
    return readers_.run<std::vector<std::string>>([&](pg::Connection& db) { return pg::read_records(db, id); });
  }
  Result<std::vector<v1::Opening>> openings(std::uint64_t id) override {
    return readers_.run<std::vector<v1::Opening>>([&](pg::Connection& db) { return pg::read_openings(db, id); });
  }
  Result<std::optional<StoredCheckpoint>> latest_checkpoint() override {
    return readers_.run<std::optional<StoredCheckpoint>>([](pg::Connection& db) { return pg::read_checkpoint(db); });
  }
  Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index, unsigned width) const override {
    return readers_.snapshot<std::vector<Digest>>([&](pg::Connection& db) { return pg::read_tile(db, level, index, width); });
  }

  void subscribe(OnNews on_news) override { presence_->subscribe(std::move(on_news)); }
  void campaign(OnLead on_lead) override { campaign_.start(std::move(on_lead)); }
  bool leads() const override { return campaign_.leads(); }

  Result<std::unique_ptr<AttachmentWriter>> write_attachment(const Digest& digest, std::uint64_t max_size) override {
    return attachments_.write(digest, max_size);
  }
  Result<std::optional<std::uint64_t>> attachment_size(const Digest& digest) override { return attachments_.size(digest); }
  Result<std::string> attachment_path(const Digest& digest) override { return attachments_.path(digest); }

  void close() override {
    campaign_.close();
    presence_->stop();
    writer_->close();
    presence_->release();
  }

 private:
  Result<void> adopt_what_was_left() try {
    const auto owners = presence_->left_behind();
    for (bool more = !owners.empty(); more;) {
      std::promise<Result<bool>> answer;
      writer_->adopt(owners, presence_->session(), [&answer](Result<bool> result) { answer.set_value(std::move(result)); });
      const auto adopted = answer.get_future().get();
      if (!adopted) return adopted.error();
      more = *adopted;
    }
    return {};
  } catch (const pg::Failure& e) {
    return unavailable(e.what());
  }

  template <typename T, typename Work>
  void write(std::size_t bytes, Need need, Work work, Done<T> done) {
    writer_->submit<T>(bytes, pg::PgWriter::Urgency::now, std::move(need), std::move(work), std::move(done));
  }

  mutable pg::Pool readers_;
  pg::PgAttachments attachments_;
  std::unique_ptr<pg::Presence> presence_;
  std::unique_ptr<pg::PgWriter> writer_;
  pg::Campaign campaign_;
  std::mutex mutex_;
  LogHead known_{0, audit::empty_root()};
};

}  // namespace

Result<std::unique_ptr<Store>> open_postgres(const PostgresOptions& options) {
  std::error_code failed;
  std::filesystem::create_directories(options.copies, failed);
  if (failed) return Error{ErrorCode::io, options.copies.string(), failed.message(), "Name a folder that can be made.", {}};
  GroupOptions groups;
  groups.max_waiting = options.max_waiting;
  groups.max_waiting_bytes = options.max_waiting_bytes;
  groups.patience = options.patience;
  auto presence = pg::Presence::open({options.address, options.alone, options.check});
  if (!presence) return presence.error();
  auto writer = pg::PgWriter::open(options.address, groups, options.deadline, **presence);
  if (!writer) return writer.error();
  auto store = std::make_unique<PostgresStore>(std::move(*presence), std::move(*writer), options);
  if (const auto prepared = store->prepare(); !prepared) return prepared.error();
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace fabu::store
