#include "integration/store/soundness.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "broker/audit/item_history.h"
#include "broker/audit/log_files.h"
#include "broker/audit/log_reader.h"
#include "broker/audit/signing_key.h"
#include "broker/audit/verify_log.h"
#include "integration/store/sample.h"

namespace fabu::store {
namespace {

// The files that the store's log would be served as, sealed at its head.
class SealedLog final : public audit::LogSource, public audit::LogReader {
 public:
  explicit SealedLog(Store& store) : store_(store), head_(store.log_head()) {
    const auto key = audit::SigningKey::from_seed(std::string(32, 'k'), "fabu.test/log");
    note_ = key.value().sign_checkpoint(head_.size, head_.root);
  }
  std::string checkpoint_note() override { return note_; }
  std::uint64_t checkpoint_size() override { return head_.size; }
  Result<std::vector<std::string>> entries(std::uint64_t first, std::size_t count) override {
    return store_.log_entries(first, count);
  }
  Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index, unsigned width) const override {
    return store_.tile(level, index, width);
  }
  Result<std::string> read(const std::string& path) override {
    auto file = audit::serve_path(*this, path);
    if (!file) return file.error();
    return std::move(file->bytes);
  }
  const LogHead& head() const { return head_; }

 private:
  Store& store_;
  LogHead head_;
  std::string note_;
};

class Inspection {
 public:
  Inspection(Store& store, const std::vector<Store*>& fellows) : store_(store), fellows_(fellows) {}

  testing::AssertionResult run() {
    check_log();
    for (const auto& summary : all_items(store_)) check_item(summary);
    check_channels();
    if (faults_.empty()) return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure() << faults_.size() << " faults";
    for (std::size_t i = 0; i < std::min<std::size_t>(faults_.size(), 10); ++i) failure << "\n  " << faults_[i];
    return failure;
  }

 private:
  using State = audit::DeliveryHistories::State;

  void expect(bool holds, const std::string& otherwise) {
    if (!holds) faults_.push_back(otherwise);
  }

  void check_log() {
    SealedLog log(store_);
    if (log.head().size == 0) return;  // verify_log is for logs that were begun
    const auto verdict = audit::verify_log(log);
    expect(verdict.ok, "log: " + verdict.failure);
    const auto root = audit::root_at(store_, log.head().size);
    expect(root.has_value() && *root == log.head().root, "log: the root does not follow from the tiles");
    const auto past = store_.log_entries(log.head().size, 1);
    expect(past.has_value() && past->empty(), "log: there are entries past its head");
  }

  void check_item(const v1::ItemSummary& summary) {
    const auto name = "item " + std::to_string(summary.item_id()) + ": ";
    const auto view = store_.item(summary.item_id());
    if (!view) return expect(false, name + view.error().what);
    expect(view->editions_size() == static_cast<int>(summary.edition()), name + "the list has another newest edition");
    expect(view->state() == summary.state(), name + "the list has another state");
    expect(indexes_.insert(view->index_no()).second, name + "index number " + view->index_no() + " is taken twice");
    const auto found = store_.find_item(view->department(), view->reference());
    expect(found.has_value() && *found == view->item_id(), name + "it is not found by its reference");
    check_records(name, *view);
    check_states(name, *view);
    for (const auto& delivery : view->deliveries()) count(delivery);
  }

  void check_records(const std::string& name, const v1::ItemView& view) {
    const auto bytes = store_.item_records(view.item_id());
    if (!bytes) return expect(false, name + bytes.error().what);
    std::map<std::uint32_t, std::string> received;  // digest by edition
    std::map<std::uint64_t, std::string> commitments;
    audit::DeliveryHistories histories;
    for (const auto& entry : *bytes) {
      v1::AuditRecord record;
      expect(record.ParseFromString(entry) && record.item_id() == view.item_id(), name + "a record is not the item's");
      const auto stored = store_.log_entries(record.seq(), 1);
      expect(stored.has_value() && stored->size() == 1 && stored->front() == entry, name + "a record is not the log's");
      if (record.action() == v1::AUDIT_ACTION_RECEIVED || record.action() == v1::AUDIT_ACTION_WITHDRAWN) {
        expect(received.emplace(record.edition(), record.edition_digest()).second, name + "an edition was received twice");
      }
      if (record.has_commitment()) commitments[record.seq()] = record.commitment();
      if (const auto finding = histories.take(record)) expect(false, name + finding->words);
    }
    check_editions(name, view, received);
    check_deliveries(name, view, histories);
    check_openings(name, view.item_id(), commitments);
  }

  void check_editions(const std::string& name, const v1::ItemView& view, const std::map<std::uint32_t, std::string>& received) {
    expect(received.size() == static_cast<std::size_t>(view.editions_size()), name + "editions and records differ in number");
    std::uint32_t number = 0;
    for (const auto& edition : view.editions()) {
      ++number;
      expect(edition.edition().number() == number, name + "its editions have a gap");
      expect(sha256(edition.edition().content()).view() == edition.edition().digest(),
             name + "an edition is not what its digest says");
      const auto record = received.find(number);
      expect(record != received.end() && record->second == edition.edition().digest(),
             name + "an edition is not what was received");
    }
  }

  void check_deliveries(const std::string& name, const v1::ItemView& view, const audit::DeliveryHistories& histories) {
    expect(histories.all().size() == static_cast<std::size_t>(view.deliveries_size()),
           name + "deliveries and plans differ in number");
    for (const auto& delivery : view.deliveries()) {
      const auto known = histories.all().find(delivery.id());
      if (known == histories.all().end()) {
        expect(false, name + delivery.id() + " was not planned");
        continue;
      }
      expect(known->second.state == state_of(delivery.state()), name + delivery.id() + " is not where its records leave it");
      if (delivery.state() != v1::DELIVERY_STATE_DELIVERED) continue;
      expect(known->second.delivered.receipt_digest() == sha256(delivery.receipt().SerializeAsString()).view(),
             name + delivery.id() + " has another receipt than was recorded");
    }
  }

  void check_openings(const std::string& name, std::uint64_t item, std::map<std::uint64_t, std::string> commitments) {
    const auto openings = store_.openings(item);
    if (!openings) return expect(false, name + openings.error().what);
    for (const auto& opening : *openings) {
      const auto committed = commitments.find(opening.seq());
      expect(committed != commitments.end() && sha256(opening.salt() + opening.detail()).view() == committed->second,
             name + "opening " + std::to_string(opening.seq()) + " opens nothing");
      commitments.erase(opening.seq());
    }
    expect(commitments.empty(), name + "a commitment has no opening");
  }

  // An edition's state follows from its deliveries, as far as no person decided it.
  void check_states(const std::string& name, const v1::ItemView& view) {
    std::map<std::uint32_t, int> pending;
    std::map<std::uint32_t, int> planned;
    for (const auto& delivery : view.deliveries()) {
      ++planned[delivery.edition()];
      const auto state = state_of(delivery.state());
      pending[delivery.edition()] += state == State::open || state == State::dead ? 1 : 0;
    }
    for (const auto& edition : view.editions()) {
      const auto number = edition.edition().number();
      const bool newest = number == static_cast<std::uint32_t>(view.editions_size());
      const auto words = name + "edition " + std::to_string(number) + " is " + v1::EditionState_Name(edition.state());
      if (newest) expect(edition.state() == view.state(), words + ", the item is " + v1::EditionState_Name(view.state()));
      if (newest && edition.state() == v1::EDITION_STATE_PUBLISHING)
        expect(pending[number] > 0, words + ", but nothing is under way");
      if (edition.state() == v1::EDITION_STATE_PUBLISHED)
        expect(pending[number] == 0 && planned[number] > 0, words + ", but not delivered");
      if (edition.state() == v1::EDITION_STATE_HELD) expect(planned[number] == 0, words + ", but has deliveries");
    }
    const bool withdrawn = view.state() == v1::EDITION_STATE_WITHDRAWN;
    for (const auto& edition : view.editions()) {
      const bool over = edition.state() != v1::EDITION_STATE_HELD && edition.state() != v1::EDITION_STATE_PUBLISHING &&
                        edition.state() != v1::EDITION_STATE_APPROVED && edition.state() != v1::EDITION_STATE_PUBLISHED;
      expect(!withdrawn || over,
             name + "it was withdrawn, but edition " + std::to_string(edition.edition().number()) + " was not");
    }
  }

  void count(const v1::Delivery& delivery) {
    auto& channel = channels_[delivery.channel()];
    if (state_of(delivery.state()) == State::dead) ++channel.dead;
    if (state_of(delivery.state()) == State::open) channel.open.insert(delivery.id());
  }

  void check_channels() {
    for (const auto& [name, expected] : channels_) {
      const auto counts = store_.channel_counts(name);
      expect(counts.has_value() && counts->open == expected.open.size() && counts->dead == expected.dead,
             name + ": the counters are wrong");
      std::set<std::string> open;
      read_open(store_, name, open);
      for (auto* fellow : fellows_) read_open(*fellow, name, open);
      expect(open == expected.open, name + ": the open deliveries are others than the items'");
    }
  }

  void read_open(Store& store, const std::string& channel, std::set<std::string>& open) {
    OpenQuery query{channel, at(1'000'000'000), {}, 100};
    do {
      const auto batch = store.open_deliveries(query);
      if (!batch) return expect(false, channel + ": " + batch.error().what);
      for (const auto& work : batch->works)
        expect(open.insert(work.delivery().id()).second, work.delivery().id() + " is read twice");
      query.after = batch->cursor;
    } while (!query.after.empty());
  }

  static State state_of(v1::DeliveryState state) {
    switch (state) {
      case v1::DELIVERY_STATE_PENDING:
      case v1::DELIVERY_STATE_RETRYING:
        return State::open;
      case v1::DELIVERY_STATE_DELIVERED:
        return State::delivered;
      case v1::DELIVERY_STATE_DEAD:
        return State::dead;
      case v1::DELIVERY_STATE_SUPERSEDED:
        return State::superseded;
      case v1::DELIVERY_STATE_LEASED:
      case v1::DELIVERY_STATE_UNSPECIFIED:
      case v1::DeliveryState_INT_MIN_SENTINEL_DO_NOT_USE_:
      case v1::DeliveryState_INT_MAX_SENTINEL_DO_NOT_USE_:
        break;
    }
    throw std::logic_error("a delivery is stored as " + std::to_string(state));
  }

  struct Channel {
    std::set<std::string> open;
    std::uint64_t dead = 0;
  };

  Store& store_;
  const std::vector<Store*> fellows_;
  std::vector<std::string> faults_;
  std::set<std::string> indexes_;
  std::map<std::string, Channel> channels_;
};

}  // namespace

testing::AssertionResult is_sound(Store& store, const std::vector<Store*>& fellows) {
  return Inspection(store, fellows).run();
}

std::vector<v1::ItemSummary> all_items(Store& store) {
  std::vector<v1::ItemSummary> items;
  ItemQuery query;
  query.limit = 100;
  for (;;) {
    auto page = store.items(query).value();
    if (page.empty()) return items;
    query.before = page.back().item_id();
    std::move(page.begin(), page.end(), std::back_inserter(items));
  }
}

std::vector<int> index_numbers(Store& store, const std::string& prefix) {
  std::vector<int> numbers;
  for (const auto& item : all_items(store)) {
    if (item.index_no().starts_with(prefix)) numbers.push_back(std::stoi(item.index_no().substr(prefix.size())));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace fabu::store
