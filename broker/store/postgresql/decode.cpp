#include "broker/store/postgresql/decode.h"

#include "broker/store/ledger/channel_list.h"
#include "broker/store/ledger/delivery_name.h"

namespace fabu::store::pg {
namespace {

template <typename Message>
void parse(Message& message, std::string_view bytes) {
  message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

EditionEntry edition_of(const Answer& rows, int row) {
  EditionEntry entry;
  auto& edition = entry.edition;
  edition.set_item_id(static_cast<std::uint64_t>(rows.number(row, 0)));
  edition.set_number(static_cast<std::uint32_t>(rows.number(row, 1)));
  edition.set_kind(static_cast<v1::EditionKind>(rows.number(row, 2)));
  entry.state = static_cast<v1::EditionState>(rows.number(row, 3));
  edition.set_digest(rows.string(row, 4));
  edition.set_received_ms(rows.number(row, 5));
  edition.set_reason(rows.string(row, 6));
  entry.log_index = static_cast<std::uint64_t>(rows.number(row, 7));
  entry.accepted_state = static_cast<v1::EditionState>(rows.number(row, 8));
  entry.channels = split(rows.text(row, 9));
  return entry;
}

v1::Delivery delivery_of(const Answer& rows, int row, bool with_progress) {
  v1::Delivery delivery;
  delivery.set_item_id(static_cast<std::uint64_t>(rows.number(row, 0)));
  delivery.set_edition(static_cast<std::uint32_t>(rows.number(row, 1)));
  delivery.set_channel(rows.string(row, 2));
  delivery.set_id(delivery_id(delivery.item_id(), delivery.edition(), delivery.channel()));
  delivery.set_action(static_cast<v1::Action>(rows.number(row, 3)));
  delivery.set_state(static_cast<v1::DeliveryState>(rows.number(row, 4)));
  delivery.set_attempts(static_cast<std::uint32_t>(rows.number(row, 5)));
  delivery.set_due_ms(rows.number(row, 6));
  delivery.set_planned_ms(rows.number(row, 7));
  delivery.set_settled_ms(rows.number(row, 8));
  if (!rows.text(row, 9).empty()) parse(*delivery.mutable_last_failure(), rows.text(row, 9));
  if (!rows.text(row, 10).empty()) parse(*delivery.mutable_receipt(), rows.text(row, 10));
  if (with_progress) delivery.set_progress(rows.string(row, 11));
  return delivery;
}

KeyRecord key_of(const Answer& rows, int row) {
  return {rows.string(row, 0),
          rows.string(row, 1),
          rows.string(row, 2),
          static_cast<std::uint8_t>(rows.number(row, 3)),
          Digest::from_raw(rows.text(row, 4)).value_or(Digest{}),
          rows.number(row, 5),
          rows.number(row, 6)};
}

}  // namespace fabu::store::pg
