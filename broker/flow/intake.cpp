#include "broker/flow/intake.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <utility>

#include "broker/domain/item_rules.h"
#include "broker/flow/commit.h"
#include "broker/flow/dispatch.h"
#include "broker/flow/events.h"
#include "broker/flow/plan.h"
#include "broker/flow/refusal.h"

namespace fabu::flow {
namespace asio = boost::asio;

namespace {

// "{USCC}/{yyyymm}-", the default form of 索引号 (domain rules §3.2); a department without a code uses its own.
std::string index_prefix(const v1::Item& item, const Installation& installation, Instant now) {
  std::string body = item.publisher().uscc();
  if (body.empty()) {
    const auto* department = installation.department(item.department());
    body = department != nullptr && !department->uscc.empty() ? department->uscc : item.department();
  }
  const auto date = format_date(shanghai_date(now));
  return body + "/" + date.substr(0, 4) + date.substr(5, 2) + "-";
}

store::Accept acceptance(const Caller& caller, const v1::Item& item, const domain::Entry& entry, const Installation& installation,
                         Instant now) {
  const Plan where = plan(entry, installation);
  store::Accept accept;
  accept.caller = caller;
  accept.department = item.department();
  accept.reference = item.reference();
  accept.entry = item.catalogue_entry();
  accept.title = item.title();
  accept.index_no = item.index_no();
  accept.index_prefix = index_prefix(item, installation, now);
  accept.content = domain::content_bytes(item);
  accept.digest = sha256(accept.content);
  accept.correction = item.has_correction();
  accept.of_edition = item.correction().of_edition();
  accept.reason = item.correction().reason();
  accept.received = now;
  accept.held = where.held;
  accept.channels = where.channels;
  accept.skipped = where.skipped;
  return accept;
}

v1::SubmissionReceipt rehearsal(const store::Accept& accept) {
  v1::SubmissionReceipt receipt;
  receipt.set_dry_run(true);
  receipt.set_index_no(accept.index_no);
  receipt.set_edition_digest(accept.digest.hex());
  receipt.set_accepted_ms(to_ms(accept.received));
  receipt.set_department(accept.department);
  receipt.set_reference(accept.reference);
  for (const auto& channel : accept.channels) receipt.add_channels(channel);
  receipt.set_state(accept.held ? v1::EDITION_STATE_HELD : v1::EDITION_STATE_PUBLISHING);
  return receipt;
}

}  // namespace

Intake::Intake(store::Store& store, const domain::Catalogue& catalogue, const Installation& installation, const Clock& clock,
               Dispatch& dispatch, Events& events)
    : store_(store), catalogue_(catalogue), installation_(installation), clock_(clock), dispatch_(dispatch), events_(events) {}

asio::awaitable<Result<v1::SubmissionReceipt>> Intake::submit(Caller caller, v1::Item raw, bool dry_run) {
  const Instant now = clock_.now();
  if (raw.department().empty()) raw.set_department(caller.department);  // the key says who submits
  const v1::Item item = domain::normalised(std::move(raw));
  std::optional<Error> error = refusal::not_allowed(caller, item, installation_);
  if (!error) error = refusal::faults(domain::check_item(item, catalogue_, shanghai_date(now)));
  if (!error) error = refusal::missing_attachments(item, store_);
  if (error) {
    events_.submitted(dry_run ? "dry_run" : "refused");
    if (dry_run) co_return *error;
    auto answered = co_await refuse(caller, item, std::move(*error));
    co_return answered;
  }
  auto accept = acceptance(caller, item, *catalogue_.find(item.catalogue_entry()), installation_, now);
  if (dry_run) {
    events_.submitted("dry_run");
    error = refusal::would_clash(item, accept, store_);
    if (error) co_return *error;
    co_return rehearsal(accept);
  }
  auto receipt = co_await store(std::move(accept));
  if (receipt || receipt.error().code == ErrorCode::busy || receipt.error().code == ErrorCode::unavailable) co_return receipt;
  auto answered = co_await refuse(caller, item, receipt.error());
  co_return answered;
}

asio::awaitable<Result<v1::SubmissionReceipt>> Intake::store(store::Accept accept) {
  const auto content = accept.content;
  const auto reference = accept.reference;
  auto queue = [this, &accept](store::Done<store::Accepted> done) { store_.accept(std::move(accept), std::move(done)); };
  auto accepted = co_await committed<store::Accepted>(queue);
  if (!accepted) {
    events_.submitted(accepted.error().code == ErrorCode::busy ? "busy" : "unavailable");
    co_return accepted.error();
  }
  switch (accepted->kind) {
    case store::AcceptKind::accepted:
      dispatch_.planned(accepted->edition, accepted->deliveries, accepted->superseded);
      events_.submitted("accepted");
      co_return std::move(accepted->receipt);
    case store::AcceptKind::repeated:
      events_.submitted("repeated");
      co_return std::move(accepted->receipt);
    case store::AcceptKind::differs:
    case store::AcceptKind::wrong_edition:
    case store::AcceptKind::nothing_to_correct:
    case store::AcceptKind::index_taken:
    case store::AcceptKind::withdrawn:
      break;
  }
  events_.submitted("conflict");
  co_return refusal::clash(*accepted, content);
}

asio::awaitable<Error> Intake::refuse(const Caller& caller, const v1::Item& item, Error error) {
  store::Refuse refusal;
  refusal.caller = caller;
  refusal.department = item.department().substr(0, 64);
  refusal.reference = item.reference().substr(0, 200);
  for (const auto& problem : error.problems) refusal.problems.push_back(problem.path() + ": " + problem.rule());
  if (refusal.problems.empty()) refusal.problems.push_back(error.where + ": " + error.what);
  refusal.time = clock_.now();
  auto queue = [this, &refusal](store::Done<std::uint64_t> done) { store_.refuse(std::move(refusal), std::move(done)); };
  const auto recorded = co_await committed<std::uint64_t>(queue);
  if (!recorded) co_return recorded.error();  // not recorded, so not answered as refused: the caller may ask again
  co_return error;
}

asio::awaitable<void> Intake::refuse_unread(Caller caller, std::string problem) {
  events_.submitted("refused");
  v1::Item nothing;
  nothing.set_department(caller.department);
  Error error{ErrorCode::malformed, {}, std::move(problem), {}, {}};
  co_await refuse(caller, nothing, std::move(error));
}

}  // namespace fabu::flow
