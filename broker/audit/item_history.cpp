#include "broker/audit/item_history.h"

namespace fabu::audit {
namespace {

Finding contradiction(std::string words) {
  return {Fault::contradiction, "contradicts the item's state: " + std::move(words)};
}

std::string edition_words(const v1::AuditRecord& record) {
  return "edition " + std::to_string(record.edition());
}

}  // namespace

std::optional<Finding> check_shape(const v1::AuditRecord& record) {
  const auto digest_or_none = [](const std::string& bytes) { return bytes.empty() || bytes.size() == 32; };
  if (record.detail_case() == v1::AuditRecord::DETAIL_NOT_SET)
    return Finding{Fault::unreadable, "has neither detail nor commitment"};
  if (record.has_commitment() && record.commitment().size() != 32) return Finding{Fault::unreadable, "has no whole commitment"};
  if (!digest_or_none(record.edition_digest()) || !digest_or_none(record.receipt_digest()) ||
      !digest_or_none(record.previous())) {
    return Finding{Fault::unreadable, "has a digest that is not 32 bytes"};
  }
  return std::nullopt;
}

std::optional<Finding> ItemHistory::begin_edition(const v1::AuditRecord& record) {
  if (withdrawn_) return contradiction(edition_words(record) + " comes after the item was withdrawn");
  if (record.edition_digest().size() != 32) return contradiction(edition_words(record) + " has no digest");
  number_ = record.edition();
  edition_ = Digest::from_raw(record.edition_digest()).value_or(Digest{});
  review_ = Review::none;
  return std::nullopt;
}

std::optional<Finding> ItemHistory::same_edition(const v1::AuditRecord& record) const {
  if (record.edition() == 0 || record.edition() > number_) return contradiction(edition_words(record) + " was not received");
  if (record.edition() == number_ && record.edition_digest() != edition_.view()) {
    return contradiction(edition_words(record) + " has another digest than was received");
  }
  return std::nullopt;
}

std::optional<Finding> ItemHistory::review(const v1::AuditRecord& record) {
  if (record.edition() != number_) return std::nullopt;
  switch (record.action()) {
    case v1::AUDIT_ACTION_HELD:
      review_ = Review::waits;
      return std::nullopt;
    case v1::AUDIT_ACTION_APPROVED:
    case v1::AUDIT_ACTION_REJECTED:
      if (review_ != Review::waits) return contradiction(edition_words(record) + " did not wait for review");
      review_ = record.action() == v1::AUDIT_ACTION_APPROVED ? Review::approved : Review::rejected;
      return std::nullopt;
    case v1::AUDIT_ACTION_PLANNED:
    case v1::AUDIT_ACTION_DELIVERED:
      if (review_ == Review::waits) return contradiction(edition_words(record) + " went on before a reviewer approved it");
      if (review_ == Review::rejected) return contradiction(edition_words(record) + " went on though a reviewer rejected it");
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<Finding> ItemHistory::take(const v1::AuditRecord& record, const Digest& leaf) {
  const bool first = number_ == 0;
  if (first && !record.previous().empty()) return Finding{Fault::chain, "names a previous record, but is the first of its item"};
  if (!first && record.previous() != last_.view()) return Finding{Fault::chain, "does not name the item's previous record"};
  const bool received = record.action() == v1::AUDIT_ACTION_RECEIVED, withdrawal = record.action() == v1::AUDIT_ACTION_WITHDRAWN;
  if (first && (!received || record.edition() != 1)) return contradiction("the item does not begin with its first edition");
  std::optional<Finding> finding;
  if ((received || withdrawal) && record.edition() == number_ + 1) {
    finding = begin_edition(record);
  } else if (received && !withdrawn_) {
    // A withdrawal may be received after it was ordered; any other edition is received once, in turn.
    finding = contradiction(edition_words(record) + " is not the next one");
  } else {
    finding = same_edition(record);
  }
  if (!finding) finding = review(record);
  if (finding) return finding;
  withdrawn_ = withdrawn_ || withdrawal;
  last_ = leaf;
  return std::nullopt;
}

std::optional<Finding> ItemHistories::take(const v1::AuditRecord& record, const Digest& leaf) {
  if (record.item_id() == 0) {
    if (record.previous().empty()) return std::nullopt;
    return Finding{Fault::chain, "names a previous record, but belongs to no item"};
  }
  if (items_.size() >= bound_ && !items_.contains(record.item_id())) {
    return Finding{Fault::unreadable,
                   "there are more items than the bound of " + std::to_string(bound_) + "; verify with a larger one"};
  }
  return items_[record.item_id()].take(record, leaf);
}

std::optional<Finding> DeliveryHistories::take(const v1::AuditRecord& record) {
  if (record.action() == v1::AUDIT_ACTION_PLANNED) {
    const std::string prefix = std::to_string(record.item_id()) + "-" + std::to_string(record.edition()) + "-";
    for (const auto& channel : record.public_().channels()) {
      if (!deliveries_.emplace(prefix + channel, Known{}).second)
        return contradiction("delivery " + prefix + channel + " was planned before");
    }
  }
  if (record.delivery_id().empty()) return std::nullopt;
  const auto known = deliveries_.find(record.delivery_id());
  if (known == deliveries_.end()) return contradiction("delivery " + record.delivery_id() + " was not planned");
  return settle(record, known->second);
}

std::optional<Finding> DeliveryHistories::settle(const v1::AuditRecord& record, Known& known) const {
  const auto refuse = [&](const char* words) { return contradiction("delivery " + record.delivery_id() + " " + words); };
  const auto become = [&](State state) { known.state = state, known.seq = record.seq(); };
  switch (record.action()) {
    case v1::AUDIT_ACTION_DELIVERED:
      // Also after it gave way or was dead: the worker that had it reported late, and the channel has it.
      if (known.state == State::delivered) return refuse("was delivered before");
      known.delivered = record;
      become(State::delivered);
      break;
    case v1::AUDIT_ACTION_FAILED:
      if (known.state != State::open) return refuse("was not open");
      break;
    case v1::AUDIT_ACTION_DEAD:
      if (known.state != State::open) return refuse("was not open");
      become(State::dead);
      break;
    case v1::AUDIT_ACTION_SUPERSEDED:
      if (known.state != State::open && known.state != State::dead) return refuse("was settled before");
      become(State::superseded);
      break;
    case v1::AUDIT_ACTION_REPLAYED:
      if (known.state != State::dead) return refuse("was not dead");
      become(State::open);
      break;
    case v1::AUDIT_ACTION_OBSERVED:
      if (known.state != State::delivered) return refuse("was observed before it was delivered");
      break;
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace fabu::audit
