#include "broker/ops/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <spdlog/spdlog.h>

#include <array>
#include <sstream>
#include <utility>

namespace fabu::ops {
namespace {

constexpr std::array kStates{"running", "paused", "open", "half-open", "stopped"};

prometheus::Histogram::BucketBoundaries latency_buckets() {
  return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5};
}

const char* word(v1::FailureClass c) {
  switch (c) {
    case v1::FAILURE_CLASS_RETRY:
      return "retry";
    case v1::FAILURE_CLASS_THROTTLED:
      return "throttled";
    case v1::FAILURE_CLASS_UNAUTHORIZED:
      return "unauthorized";
    case v1::FAILURE_CLASS_REJECTED:
      return "rejected";
    case v1::FAILURE_CLASS_UNAVAILABLE:
      return "unavailable";
    default:
      return "unknown";
  }
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& submissions =
      prometheus::BuildCounter().Name("fabu_submissions_total").Help("Submissions by outcome").Register(registry);
  prometheus::Family<prometheus::Counter>& deliveries =
      prometheus::BuildCounter().Name("fabu_deliveries_total").Help("Deliveries done, by channel").Register(registry);
  prometheus::Family<prometheus::Counter>& setbacks =
      prometheus::BuildCounter().Name("fabu_setbacks_total").Help("Tries that failed, by channel and class").Register(registry);
  prometheus::Family<prometheus::Counter>& store_failures =
      prometheus::BuildCounter().Name("fabu_store_failures_total").Help("Operations of the store that failed").Register(registry);
  prometheus::Family<prometheus::Histogram>& requests = prometheus::BuildHistogram()
                                                            .Name("fabu_http_request_seconds")
                                                            .Help("HTTP requests by route and status class")
                                                            .Register(registry);
  prometheus::Family<prometheus::Gauge>& open =
      prometheus::BuildGauge().Name("fabu_deliveries_open").Help("Deliveries not yet done, by channel").Register(registry);
  prometheus::Family<prometheus::Gauge>& dead = prometheus::BuildGauge()
                                                    .Name("fabu_deliveries_dead")
                                                    .Help("Deliveries that wait for a person, by channel")
                                                    .Register(registry);
  prometheus::Family<prometheus::Gauge>& states =
      prometheus::BuildGauge().Name("fabu_channel_state").Help("1 for the state the channel is in").Register(registry);
  prometheus::Gauge& backlog =
      prometheus::BuildGauge().Name("fabu_store_backlog").Help("Writes that wait for a commit").Register(registry).Add({});
  prometheus::Gauge& log_size =
      prometheus::BuildGauge().Name("fabu_log_size").Help("Records in the audit log").Register(registry).Add({});
};

Metrics::Metrics(std::vector<std::string> channels) : families_(std::make_unique<Families>()), channels_(std::move(channels)) {
  for (const auto* outcome : {"accepted", "repeated", "refused", "conflict", "busy", "unavailable", "dry_run"}) {
    families_->submissions.Add({{"outcome", outcome}});
  }
  for (const auto& channel : channels_) families_->deliveries.Add({{"channel", channel}});
}

Metrics::~Metrics() = default;

void Metrics::submitted(std::string_view outcome) {
  families_->submissions.Add({{"outcome", std::string(outcome)}}).Increment();
}

void Metrics::delivered(const v1::Delivery& delivery) {
  families_->deliveries.Add({{"channel", delivery.channel()}}).Increment();
  spdlog::debug("event=delivered delivery={} locator={}", delivery.id(), delivery.receipt().locator());
}

void Metrics::setback(const v1::Delivery& delivery, const v1::Failure& failure) {
  families_->setbacks.Add({{"channel", delivery.channel()}, {"class", word(failure.failure_class())}}).Increment();
  const bool dead = delivery.state() == v1::DELIVERY_STATE_DEAD;
  spdlog::log(dead ? spdlog::level::err : spdlog::level::warn,
              "event={} delivery={} class={} code={} attempts={} due={} message=\"{}\"",
              dead ? "delivery_dead" : "delivery_failed", delivery.id(), word(failure.failure_class()), failure.code(),
              delivery.attempts(), dead ? "-" : format_utc(from_ms(delivery.due_ms())), failure.message());
}

void Metrics::store_failed(std::string_view operation, std::string_view what) {
  families_->store_failures.Add({}).Increment();
  spdlog::error("event=store_failed operation=\"{}\" what=\"{}\"", operation, what);
}

void Metrics::request(std::string_view route, int status, double seconds) {
  families_->requests.Add({{"route", std::string(route)}, {"status", std::to_string(status / 100) + "xx"}}, latency_buckets())
      .Observe(seconds);
}

void Metrics::channel_state(const std::string& channel, std::string_view state) {
  for (const auto* known : kStates) families_->states.Add({{"channel", channel}, {"state", known}}).Set(state == known ? 1 : 0);
}

std::string Metrics::text(store::Store& store) {
  for (const auto& channel : channels_) {
    const auto counts = store.channel_counts(channel);
    if (!counts) continue;
    families_->open.Add({{"channel", channel}}).Set(static_cast<double>(counts->open));
    families_->dead.Add({{"channel", channel}}).Set(static_cast<double>(counts->dead));
  }
  families_->backlog.Set(static_cast<double>(store.backlog()));
  families_->log_size.Set(static_cast<double>(store.log_head().size));
  return text();
}

std::string Metrics::text() const {
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families_->registry.Collect());
  return out.str();
}

}  // namespace fabu::ops
