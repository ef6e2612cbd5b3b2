#include "broker/flow/intake.h"

#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <string>
#include <utility>

#include "broker/domain/item_rules.h"
#include "broker/flow/commit.h"
#include "broker/flow/dispatch.h"
#include "broker/flow/events.h"
#include "broker/flow/off_thread.h"
#include "broker/flow/plan.h"
#include "broker/flow/refusal.h"
#include "broker/flow/rehearsal.h"

namespace fabu::flow {
namespace asio = boost::asio;

namespace {

// What a record keeps of a refused submission: 32 and 200 characters are allowed, of up to four bytes.
constexpr std::size_t kDepartmentBytes = 128, kReferenceBytes = 800;

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

const char* outcome_of(ErrorCode code, const char* refused) {
  if (code == ErrorCode::busy) return "busy";
  return refusal::is_ours(code) ? "unavailable" : refused;
}

}  // namespace

Intake::Intake(store::Store& store, const domain::Catalogue& catalogue, const Installation& installation, const Clock& clock,
               Dispatch& dispatch, Events& events)
    : store_(store), catalogue_(catalogue), installation_(installation), clock_(clock), dispatch_(dispatch), events_(events) {}

// Nothing suspends before the store has the item, so that submissions keep their order.
asio::awaitable<Result<v1::SubmissionReceipt>> Intake::submit(Caller caller, v1::Item raw, bool dry_run) {
  const Instant now = clock_.now();
  if (raw.department().empty()) raw.set_department(caller.department);  // the key says who submits
  const v1::Item item = domain::normalised(std::move(raw));
  std::optional<Error> error = refusal::not_allowed(caller, item, installation_);
  if (!error) error = refusal::faults(domain::check_item(item, catalogue_, shanghai_date(now)));
  if (!error) error = refusal::missing_attachments(item, store_);
  if (error) {
    events_.submitted(dry_run ? "dry_run" : outcome_of(error->code, "refused"));
  } else {
    auto accept = acceptance(caller, item, *catalogue_.find(item.catalogue_entry()), installation_, now);
    if (dry_run) {
      events_.submitted("dry_run");
      auto rehearsal = [this, &accept] { return rehearse(accept, store_); };
      co_return co_await off_thread(dispatch_.reads(), rehearsal);
    }
    auto receipt = co_await store(std::move(accept));
    if (receipt) co_return receipt;
    error = receipt.error();
  }
  if (dry_run || refusal::is_ours(error->code)) co_return std::move(*error);
  const auto recorded = co_await record(caller, item, *error);
  if (!recorded) co_return recorded.error();  // not recorded, so not answered as refused: the caller may ask again
  co_return std::move(*error);
}

asio::awaitable<Result<v1::SubmissionReceipt>> Intake::store(store::Accept accept) {
  auto accepted = co_await put(accept);
  if (accepted && accepted->kind == store::AcceptKind::differs && refusal::stands_already(accepted->standing, accept.content)) {
    accept.content = accepted->standing;  // asked by the bytes that it has, the store gives their receipt
    accept.digest = sha256(accept.content);
    accepted = co_await put(accept);
  }
  if (!accepted) {
    events_.submitted(outcome_of(accepted.error().code, "conflict"));
    co_return accepted.error();
  }
  switch (accepted->kind) {
    case store::AcceptKind::accepted:
      if (accepted->edition.number() == 1) {
        dispatch_.planned_soon(std::move(accepted->edition), std::move(accepted->deliveries));
      } else {
        dispatch_.planned(accepted->edition, accepted->deliveries, accepted->superseded);
      }
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
  co_return refusal::clash(*accepted, accept.content);
}

asio::awaitable<Result<store::Accepted>> Intake::put(store::Accept accept) {
  auto queue = [this, &accept](store::Done<store::Accepted> done) {
    store_.accept(std::move(accept), expecting(dispatch_, std::move(done)));
    dispatch_.submission_under_way();
  };
  auto accepted = co_await committed<store::Accepted>(queue);
  co_return accepted;
}

asio::awaitable<Result<std::uint64_t>> Intake::record(const Caller& caller, const v1::Item& item, const Error& error) {
  store::Refuse refusal;
  refusal.caller = caller;
  refusal.department = item.department().substr(0, kDepartmentBytes);
  refusal.reference = item.reference().substr(0, kReferenceBytes);
  for (const auto& problem : error.problems) refusal.problems.push_back(problem.path() + ": " + problem.rule());
  if (refusal.problems.empty()) refusal.problems.push_back(error.where.empty() ? error.what : error.where + ": " + error.what);
  refusal.time = clock_.now();
  auto queue = [this, &refusal](store::Done<std::uint64_t> done) { store_.refuse(std::move(refusal), std::move(done)); };
  auto recorded = co_await committed<std::uint64_t>(queue);
  co_return recorded;
}

asio::awaitable<Result<void>> Intake::refuse_unread(Caller caller, std::string problem) {
  events_.submitted("refused");
  v1::Item nothing;
  nothing.set_department(caller.department);
  const Error error{ErrorCode::malformed, {}, std::move(problem), {}, {}};
  const auto recorded = co_await record(caller, nothing, error);
  if (!recorded) co_return recorded.error();
  co_return Result<void>{};
}

}  // namespace fabu::flow
