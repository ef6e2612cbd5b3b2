// The item's state as its records tell it, and what a record may not say after those before it. Pure; not thread-safe.
#pragma once

#include <fabu/v1/audit.pb.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "broker/audit/verdict.h"
#include "proto/fabu/digest.h"

namespace fabu::audit {

// Why a record cannot be.
struct Finding {
  Fault fault = Fault::none;
  std::string words;
};

// The shape that every record has: a known form of detail, digests of 32 bytes or none.
std::optional<Finding> check_shape(const v1::AuditRecord&);

// One item: its chain of records and its newest edition. Rules: the first record receives edition 1; each record names the
// one before it; editions follow without gaps and none after a withdrawal; whatever speaks of an edition has its digest; what
// a reviewer must see is planned and delivered only after approval.
class ItemHistory {
 public:
  std::optional<Finding> take(const v1::AuditRecord&, const Digest& leaf);

 private:
  enum class Review : std::uint8_t { none, waits, approved, rejected };
  std::optional<Finding> begin_edition(const v1::AuditRecord&);
  std::optional<Finding> review(const v1::AuditRecord&);
  std::optional<Finding> same_edition(const v1::AuditRecord&) const;

  Digest last_;     // leaf of the newest record
  Digest edition_;  // digest of the newest edition
  std::uint32_t number_ = 0;
  Review review_ = Review::none;
  bool withdrawn_ = false;
};

// Every item of a log. Memory: about 150 bytes an item, whatever the number of its records.
class ItemHistories {
 public:
  explicit ItemHistories(std::size_t bound) : bound_(bound) {}
  // Records of no item (item_id 0) have no predecessor.
  std::optional<Finding> take(const v1::AuditRecord&, const Digest& leaf);

 private:
  std::size_t bound_;
  std::unordered_map<std::uint64_t, ItemHistory> items_;
};

// The deliveries of one item, as its PLANNED records name them: {item}-{edition}-{channel}. Each is delivered once, fails or is
// dead only while open, is replayed only when dead, observed only when delivered.
class DeliveryHistories {
 public:
  enum class State : std::uint8_t { open, delivered, dead, superseded };
  struct Known {
    State state = State::open;
    std::uint64_t seq = 0;      // of the record that made it so
    v1::AuditRecord delivered;  // the record, when delivered
  };
  std::optional<Finding> take(const v1::AuditRecord&);
  const std::map<std::string, Known>& all() const { return deliveries_; }

 private:
  std::optional<Finding> settle(const v1::AuditRecord&, Known&) const;

  std::map<std::string, Known> deliveries_;
};

}  // namespace fabu::audit
