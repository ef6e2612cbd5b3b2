#include <algorithm>
#include <cstdio>
#include <utility>

#include "broker/store/sqlite/commands.h"
#include "broker/store/sqlite/rows.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

v1::SubmissionReceipt receipt_of(const ItemRow& item, const v1::Edition& edition, std::uint64_t log_index,
                                 v1::EditionState state) {
  v1::SubmissionReceipt receipt;
  receipt.set_item_id(item.id);
  receipt.set_index_no(item.index_no);
  receipt.set_edition(edition.number());
  receipt.set_edition_digest(Digest::from_raw(edition.digest()).value_or(Digest{}).hex());
  receipt.set_log_index(log_index);
  receipt.set_accepted_ms(edition.received_ms());
  receipt.set_department(item.department);
  receipt.set_reference(item.reference);
  receipt.set_state(state);
  return receipt;
}

// The receipt as it was first given: all that it says is kept with the edition and never changes.
v1::SubmissionReceipt receipt_of(const ItemRow& item, const EditionRow& row) {
  auto receipt = receipt_of(item, row.edition, row.log_index, row.accepted_state);
  for (std::size_t begin = 0; begin < row.channels.size();) {
    const auto end = std::min(row.channels.find(',', begin), row.channels.size());
    receipt.add_channels(row.channels.substr(begin, end - begin));
    begin = end + 1;
  }
  return receipt;
}

// Gap-free within its prefix: the number is taken in the same transaction as the item that bears it.
std::string allot_index(Transaction& t, const std::string& prefix) {
  for (;;) {
    char serial[24];
    std::snprintf(serial, sizeof serial, "%05lld", static_cast<long long>(t.state.serials.next(t.db, prefix)));
    const std::string index = prefix + serial;
    if (!item_by_index(t.db, index)) return index;  // one that was given by hand is stepped over
  }
}

v1::EditionState first_state(const Accept& command) {
  if (command.held) return v1::EDITION_STATE_HELD;
  return command.channels.empty() ? v1::EDITION_STATE_APPROVED : v1::EDITION_STATE_PUBLISHING;
}

// What is stored under this reference already decides, before anything is written.
std::optional<Accepted> meets_standing(Transaction& t, const Accept& command, const ItemRow& item) {
  const auto editions = edition_rows(t.db, item.id);
  Accepted outcome;
  outcome.newest_edition = item.newest;
  for (const auto& row : editions) {
    if (row.edition.kind() == v1::EDITION_KIND_WITHDRAWAL || row.edition.digest() != command.digest.view()) continue;
    outcome.kind = AcceptKind::repeated;
    outcome.receipt = receipt_of(item, row);
    return outcome;
  }
  if (editions.back().edition.kind() == v1::EDITION_KIND_WITHDRAWAL) {
    outcome.kind = AcceptKind::withdrawn;
  } else if (!command.correction) {
    outcome.kind = AcceptKind::differs;
    outcome.standing = content_of(t.db, item.id, item.newest);
  } else if (command.of_edition != 0 && command.of_edition != item.newest) {
    outcome.kind = AcceptKind::wrong_edition;
  } else if (!command.index_no.empty() && command.index_no != item.index_no) {
    outcome.kind = AcceptKind::index_taken;
  } else {
    return std::nullopt;
  }
  return outcome;
}

void insert_item(Transaction& t, const Accept& command, const ItemRow& item) {
  t.db.query(
          "INSERT INTO item(id, department, reference, index_no, entry, title, newest, state, received_ms) "
          "VALUES(?,?,?,?,?,?,1,?,?)")
      .bind(static_cast<std::int64_t>(item.id))
      .bind(item.department)
      .bind(item.reference)
      .bind(item.index_no)
      .bind(command.entry)
      .bind(command.title)
      .bind(std::int64_t{first_state(command)})
      .bind(to_ms(command.received))
      .done();
}

void update_item(Transaction& t, const Accept& command, const ItemRow& item) {
  t.db.query("UPDATE item SET newest = ?, state = ?, entry = ?, title = ? WHERE id = ?")
      .bind(std::int64_t{item.newest})
      .bind(std::int64_t{first_state(command)})
      .bind(command.entry)
      .bind(command.title)
      .bind(static_cast<std::int64_t>(item.id))
      .done();
}

// Everything is checked: write the edition, its deliveries and its records.
Accepted store_edition(Transaction& t, const Accept& command, ItemRow item, bool fresh) {
  Accepted outcome;
  auto& edition = outcome.edition;
  edition.set_item_id(item.id);
  edition.set_number(item.newest);
  edition.set_kind(fresh ? v1::EDITION_KIND_ORIGINAL : v1::EDITION_KIND_CORRECTION);
  edition.set_content(command.content);
  edition.set_digest(command.digest.raw());
  edition.set_received_ms(to_ms(command.received));
  edition.set_reason(command.reason);
  edition.set_index_no(item.index_no);
  const auto state = first_state(command);
  const auto record = audit::received(command.caller, edition, item.department, item.reference);
  const auto log_index =
      fresh ? t.state.log.append_first(t.db, record, command.received) : t.state.log.append(t.db, record, command.received);
  if (fresh) {
    insert_item(t, command, item);
  } else {
    update_item(t, command, item);
  }
  insert_edition(t, edition, state, log_index, command.channels);
  if (command.held) {
    t.state.log.append(t.db, audit::held(edition), command.received);
  } else {
    auto planned = plan_deliveries(t, edition, v1::ACTION_PUBLISH, command.channels, command.skipped, command.received);
    outcome.deliveries = std::move(planned.deliveries);
    outcome.superseded = std::move(planned.superseded);
  }
  outcome.receipt = receipt_of(item, edition, log_index, state);
  for (const auto& channel : command.channels) outcome.receipt.add_channels(channel);
  outcome.newest_edition = item.newest;
  return outcome;
}

Accepted only(AcceptKind kind) {
  Accepted outcome;
  outcome.kind = kind;
  return outcome;
}

}  // namespace

Result<Accepted> accept(Transaction& t, const Accept& command) {
  if (const auto known = item_by_reference(t.db, command.department, command.reference)) {
    auto item = *item_row(t.db, *known);
    if (auto standing = meets_standing(t, command, item)) return *standing;
    if (item.newest >= kMaxEditions - 1) {  // the last number is kept for the withdrawal
      return Error{ErrorCode::conflict, "correction", "The item has as many editions as there may be.", "Submit a new item.", {}};
    }
    ++item.newest;
    return store_edition(t, command, std::move(item), false);
  }
  if (command.correction) return only(AcceptKind::nothing_to_correct);
  if (!command.index_no.empty() && item_by_index(t.db, command.index_no)) return only(AcceptKind::index_taken);
  ItemRow item;
  item.id = t.state.next_item;
  item.department = command.department;
  item.reference = command.reference;
  item.index_no = command.index_no.empty() ? allot_index(t, command.index_prefix) : command.index_no;
  item.newest = 1;
  auto outcome = store_edition(t, command, std::move(item), true);
  ++t.state.next_item;
  return outcome;
}

Result<std::uint64_t> refuse(Transaction& t, const Refuse& command) {
  return t.state.log.append(t.db, audit::refused(command.caller, command.department, command.reference, command.problems),
                            command.time);
}

}  // namespace fabu::store
