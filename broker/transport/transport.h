// The Transport port: brings due deliveries to the workers of a channel and their reports back. Implementations: embedded/
// (in memory, one process), rabbitmq/. The store owns the retry clock: a transport carries only what is due now, can lose all
// of it without harm, and is filled again from the store.
//
// The adapters' sdk sees this header and the contract, nothing else of the broker.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace fabu::transport {

// The worker's side. Thread-safe.
class WorkerEnd {
 public:
  virtual ~WorkerEnd() = default;
  // Waits for due deliveries of the channel and takes up to `most` (at least 1) of them. For one item, a delivery is handed
  // out only after its predecessor was reported on. Empty = the transport was closed. Cancellable.
  virtual boost::asio::awaitable<std::vector<v1::Work>> receive(std::string channel, std::size_t most) = 0;
  // Tells the broker. True once it is on stable storage; false when the broker refused it or could not store it: the
  // delivery will come again with look_first set, if it is still to be done. A transport over a network rather waits until it can
  // be stored.
  virtual boost::asio::awaitable<bool> report(v1::Report) = 0;
};

// What became of a report.
enum class Heard {
  stored,   // on stable storage
  refused,  // it contradicts what is stored, and always will
  again,    // the store could not write: the same report may be stored later
};
using ReportDone = std::function<void(Heard)>;
// Where reports go: the broker's settlement. `done` is called once, on any thread.
using ReportSink = std::function<void(v1::Report, ReportDone done)>;
// The channel's queue has room again after an offer was refused.
using RoomNotice = std::function<void(const std::string& channel)>;
// Works of the channel that were taken never reached the transport's other side, or may not have: offer what is due again.
using LossNotice = std::function<void(const std::string& channel)>;

// The broker's side. Thread-safe.
class BrokerEnd {
 public:
  virtual ~BrokerEnd() = default;
  // Must be called before any offer.
  virtual void attach(ReportSink, RoomNotice, LossNotice) = 0;
  // Takes a delivery that is due; false = no room (bounded queue): offer again after the RoomNotice. A delivery that is in
  // the transport already is taken and ignored.
  virtual bool offer(v1::Work) = 0;
  // Forgets a delivery that gave way to a newer one, if that is still possible. True = it will not be handed out. False = a
  // worker has it, or may get it, and will report on it.
  virtual bool recall(const std::string& delivery_id, const std::string& channel) = 0;
  // Another broker has stored the report on this delivery: whoever has it has it no longer. Unknown ones are ignored.
  virtual void forget(const std::string& delivery_id, const std::string& channel) = 0;
  // Reports on what workers have may have been stored by other brokers unheard: whatever is offered now is taken, though it may
  // be with a worker already.
  virtual void may_have_missed_reports() = 0;
  // Wakes every receive with nothing; later offers are refused.
  virtual void close() = 0;
};

}  // namespace fabu::transport
