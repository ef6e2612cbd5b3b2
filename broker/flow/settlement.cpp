#include "broker/flow/settlement.h"

#include <string>
#include <utility>

#include "broker/transport/deliveries.h"

namespace fabu::flow {
namespace {

constexpr Millis kLookAgain{1000};  // for a delivery whose report could not be stored

transport::Heard fate_of(const Error& error) {
  const bool passes = error.code == ErrorCode::busy || error.code == ErrorCode::unavailable;
  return passes ? transport::Heard::again : transport::Heard::refused;
}

bool is_open(v1::DeliveryState state) {
  switch (state) {
    case v1::DELIVERY_STATE_PENDING:
    case v1::DELIVERY_STATE_LEASED:
    case v1::DELIVERY_STATE_RETRYING:
      return true;
    case v1::DELIVERY_STATE_DELIVERED:
    case v1::DELIVERY_STATE_DEAD:
    case v1::DELIVERY_STATE_SUPERSEDED:
    case v1::DELIVERY_STATE_UNSPECIFIED:
    case v1::DeliveryState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::DeliveryState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return false;
  }
  return false;
}

}  // namespace

Settlement::Settlement(store::Store& store, Dispatch& dispatch, const Clock& clock, Events& events)
    : store_(store), dispatch_(dispatch), clock_(clock), events_(events) {}

// The transport forgets its lease when `done` is called. So dispatch is told before that what it knows of the delivery is out of
// date (a scan that read it earlier must not offer it as it was: settled, or not due yet), and after it what will be due again
// (an offer during the lease would be ignored).
void Settlement::report(v1::Report report, transport::ReportDone done) {
  const std::string id = report.delivery_id();
  const std::string channel = transport::channel_of(id);
  const auto outcome = report.outcome_case();
  if (outcome == v1::Report::kReturned) {
    done(transport::Heard::stored);
    dispatch_.due(channel, clock_.now() + kLookAgain);
    return;
  }
  const v1::Failure failure = report.setback().failure();
  store_.settle({std::move(report), channel, clock_.now()},
                [this, id, channel, failure, outcome, done = std::move(done)](Result<store::Settled> settled) {
                  if (!settled) {
                    events_.store_failed("settle " + id, settled.error().what);
                    done(fate_of(settled.error()));
                    dispatch_.due(channel, clock_.now() + kLookAgain);
                    return;
                  }
                  const auto& delivery = settled->delivery;
                  const bool tried = outcome == v1::Report::kSetback;
                  const bool arrived = outcome == v1::Report::kDelivered;
                  if (tried || arrived) dispatch_.outdated(channel, id);
                  done(transport::Heard::stored);
                  if (tried && is_open(delivery.state())) dispatch_.due(channel, from_ms(delivery.due_ms()));
                  if (tried) events_.setback(delivery, failure);
                  if (arrived) events_.delivered(delivery);
                });
}

}  // namespace fabu::flow
