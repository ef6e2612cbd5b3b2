#include "unit/audit/sample_log.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

namespace fabu::audit {
namespace {

// Thousands of records are broken on purpose; protobuf would say so of each.
class QuietProtobuf : public testing::Environment {
 public:
  void SetUp() override { google::protobuf::SetLogHandler(nullptr); }
};
const auto* const quiet = testing::AddGlobalTestEnvironment(new QuietProtobuf);

}  // namespace

const SigningKey& log_key() {
  static const auto key = SigningKey::from_seed(std::string(32, '\7'), kOrigin).value();
  return key;
}

std::vector<VerifierKey> trusted() {
  return {log_key().verifier()};
}

const Caller& department() {
  static const Caller caller{v1::ACTOR_KIND_DEPARTMENT, "ZJW", "k7Q2mZ9x", 3};
  return caller;
}

Leaf SampleLog::append(const Draft& draft) {
  time_ += Millis{1000};
  const auto item = draft.record.item_id();
  const auto previous = newest_.find(item);
  const std::string salt = sha256("salt " + std::to_string(entries_.size())).raw();
  auto leaf = place(draft, entries_.size(), time_, from_ms(0),
                    item == 0 || previous == newest_.end() ? nullptr : &previous->second, salt);
  newest_[item] = leaf.hash;
  if (!leaf.opening.empty()) openings_.emplace_back().ParseFromString(leaf.opening);
  append_raw(leaf.bytes);
  return leaf;
}

void SampleLog::append_raw(const std::string& bytes) {
  entries_.push_back(bytes);
  tree_.append(leaf_hash(bytes));
}

namespace {

class SampleSource final : public LogSource {
 public:
  explicit SampleSource(const SampleLog& log) : log_(log) {}
  Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index, unsigned width) const override {
    return log_.tree().tile(level, index, width);
  }
  std::string checkpoint_note() override { return log_.checkpoint(); }
  std::uint64_t checkpoint_size() override { return log_.entries().size(); }
  Result<std::vector<std::string>> entries(std::uint64_t first, std::size_t count) override {
    const auto begin = log_.entries().begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<std::string>(begin, begin + static_cast<std::ptrdiff_t>(count));
  }

 private:
  const SampleLog& log_;
};

}  // namespace

std::map<std::string, std::string> SampleLog::files() const {
  SampleSource source(*this);
  std::map<std::string, std::string> files;
  const auto exported = for_each_path(entries_.size(), [&](const std::string& path) -> Result<void> {
    auto file = serve_path(source, path);
    if (!file) return file.error();
    files[path] = file->bytes;
    return {};
  });
  if (!exported) throw std::logic_error(exported.error().where + ": " + exported.error().what);
  return files;
}

Result<std::string> MemoryReader::read(const std::string& path) {
  const auto file = files.find(path);
  if (file != files.end()) return file->second;
  return Error{ErrorCode::not_found, path, "No such file.", "", {}};
}

v1::Edition edition_of(std::uint64_t item, std::uint32_t number, v1::EditionKind kind) {
  v1::Edition edition;
  edition.set_item_id(item);
  edition.set_number(number);
  edition.set_kind(kind);
  edition.set_content("content of " + std::to_string(item) + " " + std::to_string(number));
  edition.set_digest(sha256(edition.content()).raw());
  edition.set_received_ms(1'790'000'000'000);
  if (kind != v1::EDITION_KIND_ORIGINAL) edition.set_reason("报价单位有误");
  edition.set_index_no("11330000MB1234567X/202611-0000" + std::to_string(item));
  return edition;
}

v1::Delivery delivery_of(const v1::Edition& edition, const std::string& channel) {
  v1::Delivery delivery;
  delivery.set_id(std::to_string(edition.item_id()) + "-" + std::to_string(edition.number()) + "-" + channel);
  delivery.set_item_id(edition.item_id());
  delivery.set_edition(edition.number());
  delivery.set_channel(channel);
  delivery.set_state(v1::DELIVERY_STATE_PENDING);
  return delivery;
}

namespace {

Digest digest_of(const v1::Edition& edition) {
  return Digest::from_raw(edition.digest()).value();
}

void deliver(SampleItem& sample, const v1::Edition& edition, const std::string& channel) {
  auto delivery = delivery_of(edition, channel);
  auto& receipt = *delivery.mutable_receipt();
  receipt.set_delivery_id(delivery.id());
  receipt.set_channel(channel);
  receipt.set_locator("https://www.example.gov.cn/items/" + delivery.id());
  receipt.set_time_ms(1'790'000'100'000);
  receipt.set_content_digest(sha256(delivery.id()).raw());
  delivery.set_state(v1::DELIVERY_STATE_DELIVERED);
  sample.log.append(delivered(delivery, digest_of(edition), receipt, receipt.SerializeAsString()));
  sample.deliveries.push_back(delivery);
}

void fail_once(SampleLog& log, const v1::Edition& edition, const std::string& channel) {
  v1::Failure failure;
  failure.set_failure_class(v1::FAILURE_CLASS_RETRY);
  failure.set_code("ipp.media-empty");
  failure.set_message("打印机缺纸");
  log.append(failed(delivery_of(edition, channel), digest_of(edition), failure, 1, false));
}

}  // namespace

SampleItem sample_item() {
  SampleItem sample;
  auto& log = sample.log;
  const std::vector<std::string> channels{"website", "noticeboard"};
  log.append(started("0.1.0"));
  const auto first = edition_of(1, 1, v1::EDITION_KIND_ORIGINAL), second = edition_of(1, 2, v1::EDITION_KIND_CORRECTION),
             third = edition_of(1, 3, v1::EDITION_KIND_WITHDRAWAL), other = edition_of(2, 1, v1::EDITION_KIND_ORIGINAL);
  log.append(received(department(), first, "ZJW", "2026-17"));
  log.append(planned(first, channels, {"wechat"}));
  log.append(received(department(), other, "ZJW", "2026-18"));
  log.append(planned(other, channels, {}));
  deliver(sample, first, "website");
  fail_once(log, first, "noticeboard");
  log.append(refused(department(), "ZJW", "2026-19", {"title: item.title.required"}));
  log.append(received(department(), second, "ZJW", "2026-17"));
  log.append(held(second));
  log.append(reviewed(Caller{v1::ACTOR_KIND_REVIEWER, "ZJW", "r1", 16}, second, true, "同意"));
  log.append(planned(second, channels, {"wechat"}));
  auto gave_way = delivery_of(first, "noticeboard");
  log.append(superseded(gave_way, digest_of(first)));
  gave_way.set_state(v1::DELIVERY_STATE_SUPERSEDED);
  sample.deliveries.push_back(gave_way);
  fail_once(log, other, "website");
  deliver(sample, second, "website");
  v1::Observation observation;
  observation.set_state(v1::OBSERVATION_STATE_PRESENT);
  observation.set_content_digest(sha256("1-2-website").raw());
  log.append(observed(delivery_of(second, "website"), digest_of(second), observation));
  deliver(sample, second, "noticeboard");
  log.append(withdrawal_ordered(department(), third));
  log.append(planned(third, channels, {}));
  log.append(channel_changed("website", true, v1::ACTOR_KIND_OPERATOR, "local", "维护"));
  deliver(sample, third, "website");
  deliver(sample, third, "noticeboard");
  sample.editions = {first, second, third};
  for (const auto& bytes : log.entries()) {
    v1::AuditRecord record;
    record.ParseFromString(bytes);
    if (record.item_id() == 1) sample.records.push_back(bytes);
  }
  return sample;
}

v1::EvidenceBundle SampleItem::bundle() const {
  BundleParts parts{
      1, editions, records, {}, deliveries, log.checkpoint(), log_key().verifier_text(), from_ms(1'790'000'200'000)};
  for (const auto& opening : log.openings()) {
    v1::AuditRecord record;
    record.ParseFromString(log.entries()[opening.seq()]);
    if (record.item_id() == 1) parts.openings.push_back(opening);
  }
  return make_bundle(std::move(parts), log.tree()).value();
}

SampleLog long_log(std::size_t records) {
  SampleLog log;
  log.append(started("0.1.0"));
  for (std::uint64_t item = 1; log.entries().size() < records; ++item) {
    const auto edition = edition_of(item, 1, v1::EDITION_KIND_ORIGINAL);
    log.append(received(department(), edition, "ZJW", "2026-" + std::to_string(item)));
    if (log.entries().size() < records) log.append(planned(edition, {"website"}, {}));
  }
  return log;
}

std::string label(const Verdict& verdict) {
  return std::string(fault_name(verdict.fault)) + ": " + verdict.failure;
}

}  // namespace fabu::audit
