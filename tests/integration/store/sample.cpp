#include "integration/store/sample.h"

#include <utility>

#include "load/sample_item.h"

namespace fabu::store {
namespace {

Caller caller(v1::ActorKind kind, const std::string& code, const std::string& key, Scope scope) {
  return Caller{kind, code, key, static_cast<std::uint8_t>(scope)};
}

std::string channel_of(const std::string& delivery_id) {
  return delivery_id.substr(delivery_id.find('-', delivery_id.find('-') + 1) + 1);
}

Settle settle_of(const std::string& delivery_id, Instant time) {
  Settle command;
  command.report.set_delivery_id(delivery_id);
  command.actor = channel_of(delivery_id);
  command.time = time;
  return command;
}

}  // namespace

Instant at(std::int64_t seconds) {
  return from_ms(1'781'500'000'000 + seconds * 1000);
}

Caller department() {
  return caller(v1::ACTOR_KIND_DEPARTMENT, "GGJ", "k7Q2mZ9x", Scope::submit);
}
Caller operator_key() {
  return caller(v1::ACTOR_KIND_OPERATOR, "XXZX", "k1operat", Scope::operate);
}
Caller reviewer() {
  return caller(v1::ACTOR_KIND_REVIEWER, "BGS", "k2review", Scope::review);
}
Caller administrator() {
  return caller(v1::ACTOR_KIND_LOCAL, "", "", Scope::admin);
}

Accept submission(const std::string& reference, Instant received, const std::string& words) {
  Accept command;
  command.caller = department();
  command.department = "GGJ";
  command.reference = reference;
  v1::Item item = load::sample_item(command.department, reference, 600);
  if (!words.empty()) item.set_summary(words);
  command.entry = item.catalogue_entry();
  command.title = words.empty() ? item.title() : item.title() + "（" + words + "）";
  item.set_title(command.title);
  command.index_prefix = kPrefix;
  command.content = item.SerializeAsString();
  command.digest = sha256(command.content);
  command.received = received;
  command.channels = {kWebsite, kNoticeboard};
  return command;
}

Accept correction(const std::string& reference, const std::string& words, std::uint32_t of_edition, Instant received) {
  Accept command = submission(reference, received, words);
  command.correction = true;
  command.of_edition = of_edition;
  command.reason = "更正：" + words;
  return command;
}

v1::Receipt receipt_for(const std::string& delivery_id, const std::string& place) {
  v1::Receipt receipt;
  receipt.set_delivery_id(delivery_id);
  receipt.set_channel(channel_of(delivery_id));
  receipt.set_locator(place + delivery_id);
  receipt.set_time_ms(to_ms(at(9)));
  receipt.set_content_digest(sha256(receipt.locator()).raw());
  return receipt;
}

Settle delivered(const std::string& delivery_id, Instant time) {
  return delivered_at(delivery_id, "https://www.czjy.gov.cn/", time);
}

Settle delivered_at(const std::string& delivery_id, const std::string& place, Instant time) {
  Settle command = settle_of(delivery_id, time);
  *command.report.mutable_delivered() = receipt_for(delivery_id, place);
  return command;
}

Settle set_back(const std::string& delivery_id, v1::DeliveryState state, Instant due, const std::string& code,
                std::uint32_t attempts) {
  Settle command = settle_of(delivery_id, at(10));
  auto& setback = *command.report.mutable_setback();
  setback.set_state(state);
  setback.set_due_ms(to_ms(due));
  setback.set_attempts(attempts);
  setback.mutable_failure()->set_failure_class(v1::FAILURE_CLASS_RETRY);
  setback.mutable_failure()->set_code(code);
  setback.mutable_failure()->set_message("the channel answered " + code);
  return command;
}

Settle dead(const std::string& delivery_id, const std::string& code) {
  return set_back(delivery_id, v1::DELIVERY_STATE_DEAD, at(10), code, 5);
}

Settle progress(const std::string& delivery_id, const std::string& notes) {
  Settle command = settle_of(delivery_id, at(10));
  command.report.set_progress(notes);
  return command;
}

Settle observed(const std::string& delivery_id, v1::ObservationState state) {
  Settle command = settle_of(delivery_id, at(3600));
  auto& observation = *command.report.mutable_observation();
  observation.set_delivery_id(delivery_id);
  observation.set_state(state);
  observation.set_time_ms(to_ms(at(3600)));
  observation.set_content_digest(sha256("what was read").raw());
  return command;
}

Withdraw withdrawal(std::uint64_t item_id, std::uint32_t of_edition) {
  return Withdraw{operator_key(), item_id, of_edition, "项目终止，公告撤回", at(120)};
}

Review decision(const v1::Edition& edition, bool approve, const std::string& remarks) {
  Review command;
  command.caller = reviewer();
  command.item_id = edition.item_id();
  command.digest = Digest::from_raw(edition.digest()).value();
  command.approve = approve;
  command.remarks = remarks;
  if (approve) command.channels = {kWebsite, kNoticeboard};
  command.time = at(90);
  return command;
}

Replay replay_of(const std::string& channel, const std::string& code, const std::string& delivery_id, bool dry_run) {
  Replay command;
  command.caller = operator_key();
  command.request.set_channel(channel);
  command.request.set_code(code);
  command.request.set_delivery_id(delivery_id);
  command.request.set_dry_run(dry_run);
  command.time = at(600);
  return command;
}

KeyRecord sample_key(const std::string& id) {
  KeyRecord key;
  key.id = id;
  key.department = "GGJ";
  key.name = "采购系统";
  key.scopes = static_cast<std::uint8_t>(Scope::submit);
  key.secret = sha256("secret of " + id);
  key.created_ms = to_ms(at());
  return key;
}

Ids ids_of(const std::vector<v1::Delivery>& deliveries) {
  Ids ids;
  for (const auto& delivery : deliveries) ids.push_back(delivery.id());
  return ids;
}

}  // namespace fabu::store
