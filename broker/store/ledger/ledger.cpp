#include "broker/store/ledger/ledger.h"

#include <utility>

namespace fabu::store {
namespace {

constexpr std::size_t kRemembered = 4096;  // dossiers

std::string reference_key(const std::string& department, const std::string& reference) {
  return department + '\n' + reference;  // a department's code has no line feed
}

}  // namespace

bool is_open(v1::DeliveryState state) {
  return state == v1::DELIVERY_STATE_PENDING || state == v1::DELIVERY_STATE_RETRYING;
}

Digest digest_of(const Dossier& dossier, std::uint32_t edition) {
  return Digest::from_raw(dossier.editions.at(edition - 1).edition.digest()).value_or(Digest{});
}

void Ledger::begin(Stored stored) {
  log_ = std::move(stored.log);
  next_item_ = stored.next_item;
  moved_.clear();
  serials_.forget();
  by_reference_.clear();
  fresh_indexes_.clear();
  touched_.clear();
  dossiers_.clear();
}

Dossier* Ledger::keep(std::unique_ptr<Dossier> dossier) {
  if (!dossier) return nullptr;
  auto& kept = dossiers_[dossier->id];
  if (kept) return kept.get();
  kept = std::move(dossier);
  by_reference_[reference_key(kept->department, kept->reference)] = kept.get();
  return kept.get();
}

Dossier* Ledger::find(std::uint64_t id) {
  const auto known = dossiers_.find(id);
  return known != dossiers_.end() ? known->second.get() : keep(rows_.item(id));
}

Dossier* Ledger::find(const std::string& department, const std::string& reference) {
  const auto known = by_reference_.find(reference_key(department, reference));
  return known != by_reference_.end() ? known->second : keep(rows_.item(department, reference));
}

bool Ledger::has_index(const std::string& index_no) {
  return fresh_indexes_.contains(index_no) || rows_.has_index(index_no);
}

std::optional<Need> Ledger::unknown(Need need) const {
  if (dossiers_.contains(need.item)) need.item = 0;
  if (by_reference_.contains(reference_key(need.department, need.reference))) need.reference.clear();
  if (serials_.knows(need.index_prefix)) need.index_prefix.clear();
  const bool nothing = need.item == 0 && need.reference.empty() && need.index_no.empty() && need.index_prefix.empty();
  return nothing ? std::nullopt : std::optional(std::move(need));
}

void Ledger::touch(Dossier& dossier, Mark& mark) {
  store::touch(mark);
  if (!std::exchange(dossier.touched, true)) touched_.push_back(&dossier);
}

void Ledger::flush_dossiers() {
  for (auto* dossier : touched_) {
    rows_.write(*dossier);
    dossier->touched = false;
    dossier->mark = Mark::clean;
    for (auto& edition : dossier->editions) {
      edition.mark = Mark::clean;
      edition.content = {};
    }
    for (auto& delivery : dossier->deliveries) delivery.mark = Mark::clean;
  }
  touched_.clear();
  fresh_indexes_.clear();
}

void Ledger::flush() {
  flush_dossiers();
  log_.flush(rows_);
  serials_.flush(rows_);
  for (auto& [channel, moved] : moved_) {
    if (moved.open != 0 || moved.dead != 0) rows_.count(channel, moved.open, moved.dead);
    moved = {};
  }
  if (dossiers_.size() <= kRemembered) return;
  by_reference_.clear();
  dossiers_.clear();
}

void Ledger::forget_items() {
  flush();
  by_reference_.clear();
  dossiers_.clear();
}

void Ledger::set_state(Dossier& dossier, DeliveryEntry& entry, v1::DeliveryState to) {
  auto& delivery = entry.delivery;
  const auto from = delivery.state();
  auto& moved = moved_[delivery.channel()];
  moved.open += static_cast<int>(is_open(to)) - static_cast<int>(is_open(from));
  moved.dead += static_cast<int>(to == v1::DELIVERY_STATE_DEAD) - static_cast<int>(from == v1::DELIVERY_STATE_DEAD);
  delivery.set_state(to);
  touch(dossier, entry.mark);
}

void Ledger::set_state(Dossier& dossier, std::uint32_t edition, v1::EditionState state) {
  auto& entry = *dossier.edition(edition);
  entry.state = state;
  touch(dossier, entry.mark);
  if (edition != dossier.newest()) return;
  dossier.state = state;
  touch(dossier, dossier.mark);
}

void Ledger::retire_older(Dossier& dossier, std::uint32_t edition, v1::EditionState state) {
  for (std::uint32_t number = 1; number < edition; ++number) {
    switch (dossier.edition(number)->state) {
      case v1::EDITION_STATE_HELD:
      case v1::EDITION_STATE_APPROVED:
      case v1::EDITION_STATE_PUBLISHING:
      case v1::EDITION_STATE_PUBLISHED:
        set_state(dossier, number, state);
        break;
      default:
        break;
    }
  }
}

std::string Ledger::content(const Dossier& dossier, const EditionEntry& entry) {
  return entry.mark == Mark::fresh ? entry.content : rows_.content(dossier.id, entry.edition.number());
}

void Ledger::tell_outdated(const Dossier& dossier, const v1::Delivery& delivery) {
  for (const auto& entry : dossier.deliveries) {
    if (entry.delivery.channel() == delivery.channel() && is_open(entry.delivery.state()) && entry.owner != self_)
      rows_.tell_outdated(entry.owner, delivery);
  }
}

std::uint64_t Ledger::log(const audit::Draft& draft, Instant time, Dossier& dossier) {
  return log_.append(draft, time, &dossier);
}

}  // namespace fabu::store
