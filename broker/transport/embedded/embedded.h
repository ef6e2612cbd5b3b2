// The transport of a single process: a bounded queue in memory for each channel. Nothing here survives the process, and nothing
// needs to: the broker fills it again from the store's open deliveries.
//
//   EmbeddedTransport transport;
//   transport.attach(settlement, dispatch);            // the broker
//   transport.offer(work);
//   auto works = co_await transport.receive("website", 4);   // a worker, on any executor
//   bool stored = co_await transport.report(report);
//
// Promises on top of the port's:
// - receive() is woken by an offer or a finished predecessor, never by polling. It is cancellable (terminal, partial, total);
//   cancelled, it throws system_error(operation_aborted) and has taken nothing.
// - A delivered, setback or returned report ends the lease at the moment of `done`, before `done` returns, whatever it says. A
//   report on a delivery that nobody has goes to the sink all the same, which knows better.
// - report() cannot be cancelled: the worker must learn what became of it. After close() reports still pass.
// - Sink and notice are called without a lock held; the notice on the thread of the receive or recall that made room.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "broker/transport/transport.h"

namespace fabu::transport {

struct EmbeddedOptions {
  std::size_t capacity = 1024;  // works that wait, for each channel; at least 1
};

// Thread-safe. Outlives every receive() and report() under way; reports that the sink still holds may outlive it.
class EmbeddedTransport final : public WorkerEnd, public BrokerEnd {
 public:
  explicit EmbeddedTransport(EmbeddedOptions options = {});
  ~EmbeddedTransport() override;
  EmbeddedTransport(const EmbeddedTransport&) = delete;
  EmbeddedTransport& operator=(const EmbeddedTransport&) = delete;

  boost::asio::awaitable<std::vector<v1::Work>> receive(std::string channel, std::size_t most) override;
  boost::asio::awaitable<bool> report(v1::Report report) override;

  void attach(ReportSink sink, RoomNotice notice, LossNotice loss) override;  // nothing is ever lost
  bool offer(v1::Work work) override;
  bool recall(const std::string& delivery_id, const std::string& channel) override;
  void forget(const std::string& delivery_id, const std::string& channel) override;
  void may_have_missed_reports() override {}  // every report comes through here
  void close() override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fabu::transport
