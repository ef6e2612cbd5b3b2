#include "broker/store/sqlite/sqlite_store.h"

#include <sys/stat.h>

#include <atomic>
#include <utility>

#include "broker/store/attachments/attachment_folder.h"
#include "broker/store/sqlite/checkpointer.h"
#include "broker/store/sqlite/folder_lock.h"
#include "broker/store/sqlite/readers.h"
#include "broker/store/sqlite/reads.h"
#include "broker/store/sqlite/rows.h"
#include "broker/store/sqlite/writer.h"

namespace fabu::store {
namespace {

constexpr std::size_t kReaders = 2;
constexpr std::size_t kSmall = 256;  // bytes that a command without content counts for

class SqliteStore final : public Store {
 public:
  SqliteStore(FolderLock lock, AttachmentFolder attachments, std::unique_ptr<Writer> writer, const SqliteOptions& options)
      : lock_(std::move(lock)),
        attachments_(std::move(attachments)),
        readers_((options.folder / "fabu.db").string(), options.vfs, options.cache_kib / 4, kReaders),
        checkpointer_((options.folder / "fabu.db").string(), options.vfs, WriterOptions().full_wal_pages),
        writer_(std::move(writer)) {
    writer_->on_wal([this](int pages) { return checkpointer_.notice(pages); });
  }
  ~SqliteStore() override { SqliteStore::close(); }

  void accept(Accept c, Done<Accepted> done) override {
    const auto bytes = c.content.size() + kSmall;
    write<Accepted>(
        bytes, [c = std::move(c)](Ledger& ledger) { return ledger.accept(c); }, std::move(done));
  }
  void refuse(Refuse c, Done<std::uint64_t> done) override {
    write<std::uint64_t>(
        kSmall, [c = std::move(c)](Ledger& ledger) { return ledger.refuse(c); }, std::move(done));
  }
  void withdraw(Withdraw c, Done<Withdrawn> done) override {
    write<Withdrawn>(
        kSmall, [c = std::move(c)](Ledger& ledger) { return ledger.withdraw(c); }, std::move(done));
  }
  void review(Review c, Done<Reviewed> done) override {
    write<Reviewed>(
        kSmall, [c = std::move(c)](Ledger& ledger) { return ledger.review(c); }, std::move(done));
  }
  void settle(Settle c, Done<Settled> done) override {
    auto work = [c = std::move(c)](Ledger& ledger) { return ledger.settle(c); };
    writer_->submit<Settled>(kSmall, Writer::Urgency::patient, std::move(work), std::move(done));
  }
  void replay(Replay c, Done<Replayed> done) override {
    write<Replayed>(
        kSmall, [c = std::move(c)](Ledger& ledger) { return ledger.replay(c); }, std::move(done));
  }
  void switch_channel(SwitchChannel c, Done<std::uint64_t> done) override {
    write<std::uint64_t>(
        kSmall, [c = std::move(c)](Ledger& ledger) { return ledger.switch_channel(c); }, std::move(done));
  }
  void create_key(KeyRecord key, Caller caller, Instant now, Done<std::uint64_t> done) override {
    auto work = [key = std::move(key), caller = std::move(caller), now](Ledger& ledger) {
      return ledger.create_key(key, caller, now);
    };
    write<std::uint64_t>(kSmall, std::move(work), std::move(done));
  }
  void revoke_key(std::string id, Caller caller, Instant now, Done<std::uint64_t> done) override {
    auto work = [id = std::move(id), caller = std::move(caller), now](Ledger& ledger) {
      return ledger.revoke_key(id, caller, now);
    };
    write<std::uint64_t>(kSmall, std::move(work), std::move(done));
  }
  void record(audit::Draft draft, Instant now, Done<std::uint64_t> done) override {
    auto work = [draft = std::move(draft), now](Ledger& ledger) -> Result<std::uint64_t> { return ledger.record(draft, now); };
    write<std::uint64_t>(kSmall, std::move(work), std::move(done));
  }
  void save_checkpoint(StoredCheckpoint checkpoint, Done<std::uint64_t> done) override {
    auto work = [checkpoint = std::move(checkpoint)](Ledger& ledger) { return ledger.save_checkpoint(checkpoint); };
    write<std::uint64_t>(kSmall, std::move(work), std::move(done));
  }
  std::size_t backlog() const override { return writer_->backlog(); }

  Result<std::optional<std::uint64_t>> find_item(std::string_view department, std::string_view reference) override {
    using Found = std::optional<std::uint64_t>;
    return readers_.run<Found>([&](Database& db) -> Result<Found> { return item_by_reference(db, department, reference); });
  }
  Result<std::optional<std::uint64_t>> find_index(std::string_view index_no) override {
    using Found = std::optional<std::uint64_t>;
    return readers_.run<Found>([&](Database& db) -> Result<Found> { return item_by_index(db, index_no); });
  }
  Result<v1::ItemView> item(std::uint64_t id) override {
    return readers_.run<v1::ItemView>([&](Database& db) { return read_item(db, id); });
  }
  Result<std::vector<v1::ItemSummary>> items(const ItemQuery& query) override {
    return readers_.run<std::vector<v1::ItemSummary>>([&](Database& db) { return read_items(db, query); });
  }
  Result<std::vector<v1::Delivery>> deliveries(const DeliveryQuery& query) override {
    return readers_.run<std::vector<v1::Delivery>>([&](Database& db) { return read_deliveries(db, query); });
  }
  Result<v1::Delivery> delivery(const std::string& id) override {
    return readers_.run<v1::Delivery>([&](Database& db) { return read_delivery(db, id); });
  }
  Result<std::vector<v1::DeliveryGroup>> delivery_groups() override {
    return readers_.run<std::vector<v1::DeliveryGroup>>([](Database& db) { return read_groups(db); });
  }
  Result<ChannelCounts> channel_counts(const std::string& channel) override { return writer_->counts(channel); }
  Result<OpenBatch> open_deliveries(const OpenQuery& query) override {
    return readers_.run<OpenBatch>([&](Database& db) { return read_open(db, query); });
  }
  Result<v1::Work> work(const std::string& id) override {
    return readers_.run<v1::Work>([&](Database& db) { return read_work(db, id); });
  }
  Result<std::vector<PausedChannel>> paused_channels() override {
    return readers_.run<std::vector<PausedChannel>>([](Database& db) { return read_paused(db); });
  }
  Result<std::vector<KeyRecord>> keys() override {
    return readers_.run<std::vector<KeyRecord>>([](Database& db) { return read_keys(db, {}); });
  }
  Result<std::optional<KeyRecord>> key(std::string_view id) override {
    if (id.empty()) return std::optional<KeyRecord>{};
    auto found = readers_.run<std::vector<KeyRecord>>([&](Database& db) { return read_keys(db, id); });
    if (!found) return found.error();
    return found->empty() ? std::optional<KeyRecord>{} : std::optional<KeyRecord>{std::move(found->front())};
  }

  LogHead log_head() override { return writer_->head(); }
  Result<std::vector<std::string>> log_entries(std::uint64_t first, std::size_t count) override {
    return readers_.run<std::vector<std::string>>([&](Database& db) { return read_entries(db, first, count); });
  }
  Result<std::vector<std::string>> item_records(std::uint64_t id) override {
    return readers_.run<std::vector<std::string>>([&](Database& db) { return read_records(db, id); });
  }
  Result<std::vector<v1::Opening>> openings(std::uint64_t id) override {
    return readers_.run<std::vector<v1::Opening>>([&](Database& db) { return read_openings(db, id); });
  }
  Result<std::optional<StoredCheckpoint>> latest_checkpoint() override {
    return readers_.run<std::optional<StoredCheckpoint>>([](Database& db) { return read_checkpoint(db); });
  }
  Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index, unsigned width) const override {
    return readers_.run<std::vector<Digest>>([&](Database& db) { return read_tile(db, level, index, width); });
  }

  // The folder's lock lets no other broker in.
  void subscribe(OnNews) override {}
  void campaign(OnLead on_lead) override {
    leads_ = true;
    on_lead(true);
  }
  bool leads() const override { return leads_; }

  Result<std::unique_ptr<AttachmentWriter>> write_attachment(const Digest& digest, std::uint64_t max_size) override {
    return attachments_.write(digest, max_size);
  }
  Result<std::optional<std::uint64_t>> attachment_size(const Digest& digest) override { return attachments_.size(digest); }
  Result<std::string> attachment_path(const Digest& digest) override {
    const auto size = attachments_.size(digest);
    if (!size) return size.error();
    if (!*size)
      return Error{
          ErrorCode::not_found, "attachment", "No file has this digest.", "Send it: PUT /v1/attachments/" + digest.hex(), {}};
    return attachments_.path(digest).string();
  }

  void close() override {
    writer_->close();
    checkpointer_.stop();
  }

 private:
  template <typename T, typename Work>
  void write(std::size_t bytes, Work work, Done<T> done) {
    writer_->submit<T>(bytes, Writer::Urgency::now, std::move(work), std::move(done));
  }

  FolderLock lock_;
  AttachmentFolder attachments_;
  mutable Readers readers_;
  Checkpointer checkpointer_;
  std::unique_ptr<Writer> writer_;
  std::atomic<bool> leads_ = false;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options) {
  std::error_code failed;
  if (std::filesystem::create_directories(options.folder, failed)) ::chmod(options.folder.c_str(), 0700);
  if (failed) return Error{ErrorCode::io, options.folder.string(), failed.message(), "Name a folder that can be made.", {}};
  auto lock = FolderLock::take(options.folder);
  if (!lock) return lock.error();
  AttachmentFolder attachments(options.folder / "attachments");
  if (const auto prepared = attachments.prepare(); !prepared) return prepared.error();
  WriterOptions writing;
  writing.file = (options.folder / "fabu.db").string();
  writing.vfs = options.vfs;
  writing.cache_kib = options.cache_kib;
  writing.groups.max_waiting = options.max_waiting;
  writing.groups.max_waiting_bytes = options.max_waiting_bytes;
  writing.groups.patience = options.patience;
  auto writer = Writer::open(std::move(writing));
  if (!writer) return writer.error();
  return std::unique_ptr<Store>(
      std::make_unique<SqliteStore>(std::move(*lock), std::move(attachments), std::move(*writer), options));
}

}  // namespace fabu::store
