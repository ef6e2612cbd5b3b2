#include "broker/flow/rehearsal.h"

#include <optional>

#include "broker/flow/refusal.h"

namespace fabu::flow {
namespace {

v1::EditionState first_state(const store::Accept& accept) {
  if (accept.held) return v1::EDITION_STATE_HELD;
  return accept.channels.empty() ? v1::EDITION_STATE_APPROVED : v1::EDITION_STATE_PUBLISHING;
}

v1::SubmissionReceipt fresh_receipt(const store::Accept& accept) {
  v1::SubmissionReceipt receipt;
  receipt.set_dry_run(true);
  receipt.set_index_no(accept.index_no);
  receipt.set_edition_digest(accept.digest.hex());
  receipt.set_accepted_ms(to_ms(accept.received));
  receipt.set_department(accept.department);
  receipt.set_reference(accept.reference);
  for (const auto& channel : accept.channels) receipt.add_channels(channel);
  receipt.set_state(first_state(accept));
  return receipt;
}

// The edition whose receipt would be given again.
const v1::Edition* repeated(const store::Accept& accept, const v1::ItemView& view) {
  for (const auto& edition : view.editions()) {
    if (edition.edition().kind() != v1::EDITION_KIND_WITHDRAWAL && edition.edition().digest() == accept.digest.view()) {
      return &edition.edition();
    }
  }
  const auto& newest = view.editions(view.editions_size() - 1).edition();
  const bool stands = newest.kind() != v1::EDITION_KIND_WITHDRAWAL && refusal::stands_already(newest.content(), accept.content);
  return stands ? &newest : nullptr;
}

store::AcceptKind meets(const store::Accept& accept, const v1::ItemView& view) {
  const auto& newest = view.editions(view.editions_size() - 1).edition();
  if (newest.kind() == v1::EDITION_KIND_WITHDRAWAL) return store::AcceptKind::withdrawn;
  if (!accept.correction) return store::AcceptKind::differs;
  if (accept.of_edition != 0 && accept.of_edition != newest.number()) return store::AcceptKind::wrong_edition;
  if (!accept.index_no.empty() && accept.index_no != view.index_no()) return store::AcceptKind::index_taken;
  return store::AcceptKind::accepted;
}

Result<v1::SubmissionReceipt> rehearse_new(const store::Accept& accept, store::Store& store) {
  store::Accepted outcome;
  if (accept.correction) {
    outcome.kind = store::AcceptKind::nothing_to_correct;
    return refusal::clash(outcome, accept.content);
  }
  if (!accept.index_no.empty()) {
    const auto owner = store.find_index(accept.index_no);
    if (!owner) return owner.error();
    outcome.kind = store::AcceptKind::index_taken;
    if (*owner) return refusal::clash(outcome, accept.content);
  }
  return fresh_receipt(accept);
}

}  // namespace

Result<v1::SubmissionReceipt> rehearse(const store::Accept& accept, store::Store& store) {
  const auto found = store.find_item(accept.department, accept.reference);
  if (!found) return found.error();
  if (!*found) return rehearse_new(accept, store);
  const auto view = store.item(**found);
  if (!view) return view.error();
  auto receipt = fresh_receipt(accept);
  receipt.set_index_no(view->index_no());
  if (const auto* edition = repeated(accept, *view)) {
    receipt.set_accepted_ms(edition->received_ms());
    receipt.set_edition_digest(Digest::from_raw(edition->digest()).value_or(Digest{}).hex());
    return receipt;
  }
  store::Accepted outcome;
  outcome.kind = meets(accept, *view);
  if (outcome.kind == store::AcceptKind::accepted) return receipt;
  const auto& newest = view->editions(view->editions_size() - 1).edition();
  outcome.newest_edition = newest.number();
  outcome.standing = newest.content();
  return refusal::clash(outcome, accept.content);
}

}  // namespace fabu::flow
