// Dispatch: brings what is due from the store to the transport, and nothing twice.
//
// Two ways lead to a channel's queue. A fresh delivery is offered straight from the accepted submission (no read at all). All
// else is found by a scan of the store's open deliveries in the order of their due times: at start, after a refused offer, for
// retries, replays and corrections. While a channel has a backlog only the scan feeds it, so memory stays bounded by the
// transport's queue.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "broker/domain/catalogue.h"
#include "broker/flow/afterwards.h"
#include "broker/flow/events.h"
#include "broker/flow/installation.h"
#include "broker/store/store.h"
#include "broker/transport/transport.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

// Thread-safe.
class Dispatch {
 public:
  // `reads` runs the blocking scans; coroutines run on `executor`. `patience`: how long originals may wait for the next
  // submission.
  Dispatch(store::Store&, transport::BrokerEnd&, const domain::Catalogue&, const Installation&, const Clock&, Events&,
           boost::asio::any_io_executor executor, boost::asio::thread_pool& reads,
           std::chrono::microseconds patience = std::chrono::microseconds(0));
  ~Dispatch();

  // Begins to feed every channel of the installation. Once, after the transport was attached.
  void start();
  // Ends the feeding; waits for nothing. No call after it has an effect.
  void stop();

  // These were just committed, and planned() will come. Called on the store's thread, before it tells of any later write: so a
  // delivery that a scan finds first, and that is settled before planned() comes, is not offered a second time.
  void expect(const v1::Edition&, const std::vector<v1::Delivery>& deliveries);
  // Freshly committed deliveries of one edition, which were expected, and those that gave way to them.
  void planned(const v1::Edition&, const std::vector<v1::Delivery>& deliveries, const std::vector<v1::Delivery>& superseded);
  // The same for an original, a moment later: its channels keep nobody's ack waiting.
  void planned_soon(v1::Edition, std::vector<v1::Delivery> deliveries);
  // The store has the next submission and is busy with it: a good time to offer what waits.
  void submission_under_way() { afterwards_.now(); }
  // A delivery of the channel becomes due at `due` by a setback or a replay.
  void due(const std::string& channel, Instant due);
  // The transport's queue has room again.
  void room(const std::string& channel);
  // The transport has lost works of the channel: what is due is looked for again in a moment.
  void lost(const std::string& channel);
  // What other brokers stored; see store::Store::subscribe.
  void heard(const store::News&);
  // What was read of the delivery until now is out of date: it was reported on, or gave way. Must be called before the transport
  // forgets its lease, so that a scan that read it earlier does not offer it as it was.
  void outdated(const std::string& channel, const std::string& delivery_id);

  // Where reads of the store may block: the use cases share it.
  boost::asio::thread_pool& reads() const { return reads_; }

 private:
  struct Feeder;
  boost::asio::awaitable<void> feed(std::shared_ptr<Feeder>);
  boost::asio::awaitable<bool> scan(std::shared_ptr<Feeder>);  // true: everything that is due was offered
  Result<store::OpenBatch> read(const store::OpenQuery&) const;
  bool offer_batch(Feeder&, store::OpenBatch&);  // false: the queue is full
  bool offer_fresh(Feeder&, const v1::Work&);
  void rescan(Feeder&);
  void wake(Feeder&);
  void add_catalogue_facts(v1::Work&, const std::string& content) const;

  store::Store& store_;
  transport::BrokerEnd& transport_;
  const domain::Catalogue& catalogue_;
  const Installation& installation_;
  const Clock& clock_;
  Events& events_;
  boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& reads_;
  std::map<std::string, std::shared_ptr<Feeder>> feeders_;  // fixed after construction
  Afterwards afterwards_;
};

// `done` of a write that plans deliveries (store::Accepted, store::Reviewed), for which planned() is called afterwards.
template <typename Outcome>
store::Done<Outcome> expecting(Dispatch& dispatch, store::Done<Outcome> done) {
  return [&dispatch, done = std::move(done)](Result<Outcome> outcome) {
    if (outcome) dispatch.expect(outcome->edition, outcome->deliveries);
    done(std::move(outcome));
  };
}

}  // namespace fabu::flow
