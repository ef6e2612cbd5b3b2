// Stand-ins for what surrounds the use cases: a clock that the test moves, events that are remembered, a transport that takes
// what it has room for; and turning the loop by hand.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "broker/flow/events.h"
#include "broker/transport/transport.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

// Runs what is ready, and what becomes ready by the pools' threads, until nothing has come for a while.
inline void settle(boost::asio::io_context& io) {
  for (int quiet = 0; quiet < 5;) {
    quiet = io.run_for(std::chrono::milliseconds(10)) == 0 ? quiet + 1 : 0;
    io.restart();
  }
}
// Runs until the condition holds; false when it does not within ten seconds.
template <typename Condition>
bool runs_until(boost::asio::io_context& io, Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds() && std::chrono::steady_clock::now() < deadline) {
    io.run_one_for(std::chrono::milliseconds(10));
    io.restart();
  }
  return holds();
}

class ManualClock final : public Clock {
 public:
  Instant now() const override { return from_ms(ms_.load()); }
  void advance(Millis by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{1'787'191'200'000};  // 2026-08-20T02:00:00Z, ten in the morning at Shanghai
};

class HeardEvents final : public Events {
 public:
  void submitted(std::string_view outcome) override { hear(outcomes, std::string(outcome)); }
  void delivered(const v1::Delivery& delivery) override { hear(deliveries, delivery.id()); }
  void setback(const v1::Delivery& delivery, const v1::Failure& failure) override {
    hear(setbacks, delivery.id() + " " + failure.code());
  }
  void store_failed(std::string_view operation, std::string_view what) override {
    hear(failures, std::string(operation) + ": " + std::string(what));
  }

  std::vector<std::string> outcomes, deliveries, setbacks, failures;

 private:
  void hear(std::vector<std::string>& where, std::string what) {
    const std::lock_guard lock(mutex_);
    where.push_back(std::move(what));
  }
  std::mutex mutex_;
};

// Takes up to `room` deliveries and remembers them.
class FakeTransport final : public transport::BrokerEnd {
 public:
  void attach(transport::ReportSink, transport::RoomNotice, transport::LossNotice) override {}
  bool offer(v1::Work work) override {
    const std::lock_guard lock(mutex);
    if (taken.size() >= room) return false;
    taken.push_back(std::move(work));
    return true;
  }
  bool recall(const std::string& id, const std::string&) override {
    const std::lock_guard lock(mutex);
    recalled.insert(id);
    return true;
  }
  void forget(const std::string& id, const std::string&) override {
    const std::lock_guard lock(mutex);
    forgotten.insert(id);
  }
  void may_have_missed_reports() override { ++doubts; }
  void close() override {}
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return taken.size();
  }

  std::mutex mutex;
  std::size_t room = 100;
  std::deque<v1::Work> taken;
  std::set<std::string> recalled, forgotten;
  std::atomic<int> doubts = 0;
};

}  // namespace fabu::flow
