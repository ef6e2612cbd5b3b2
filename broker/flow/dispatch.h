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
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "broker/domain/catalogue.h"
#include "broker/flow/events.h"
#include "broker/flow/installation.h"
#include "broker/store/store.h"
#include "broker/transport/transport.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

// Thread-safe.
class Dispatch {
 public:
  // `reads` runs the blocking scans; coroutines run on `executor`.
  Dispatch(store::Store&, transport::BrokerEnd&, const domain::Catalogue&, const Installation&, const Clock&, Events&,
           boost::asio::any_io_executor executor, boost::asio::thread_pool& reads);
  ~Dispatch();

  // Begins to feed every channel of the installation. Once, after the transport was attached.
  void start();
  // Ends the feeding; waits for nothing. No call after it has an effect.
  void stop();

  // Freshly committed deliveries of one edition, and those that gave way to them.
  void planned(const v1::Edition&, const std::vector<v1::Delivery>& deliveries, const std::vector<v1::Delivery>& superseded);
  // A delivery of the channel becomes due at `due` by a setback or a replay.
  void due(const std::string& channel, Instant due);
  // The transport's queue has room again.
  void room(const std::string& channel);
  // The delivery is no longer open. Must be called before the transport forgets its lease, so that a scan that read it
  // earlier does not offer it again.
  void settled(const std::string& channel, const std::string& delivery_id);

 private:
  struct Feeder;
  boost::asio::awaitable<void> feed(std::shared_ptr<Feeder>);
  boost::asio::awaitable<bool> scan(std::shared_ptr<Feeder>);  // true: everything that is due was offered
  bool offer_batch(Feeder&, store::OpenBatch&);                // false: the queue is full
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
};

}  // namespace fabu::flow
