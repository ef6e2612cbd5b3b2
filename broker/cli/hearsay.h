// What other brokers stored, and what this one does about it: it dispatches what has become its own, and drops what is no longer.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <string>
#include <vector>

#include "broker/flow/dispatch.h"
#include "broker/flow/events.h"
#include "broker/flow/installation.h"
#include "broker/store/store.h"
#include "broker/transport/transport.h"
#include "proto/fabu/time.h"

namespace fabu::cli {

// Thread-safe.
class Hearsay {
 public:
  Hearsay(store::Store&, flow::Dispatch&, transport::BrokerEnd&, const flow::Installation&, const Clock&, flow::Events&,
          boost::asio::thread_pool& reads);

  // Before anything is heard. Called on the pool.
  void when_pauses_change(std::function<void(const std::vector<store::PausedChannel>&)>);
  // As store::OnNews: does not block. Reads of the store happen on the pool.
  void heard(store::News);

 private:
  void look_at(const store::Outdated&);
  void read_pauses();

  store::Store& store_;
  flow::Dispatch& dispatch_;
  transport::BrokerEnd& transport_;
  const flow::Installation& installation_;
  const Clock& clock_;
  flow::Events& events_;
  boost::asio::thread_pool& reads_;
  std::function<void(const std::vector<store::PausedChannel>&)> pauses_;
};

}  // namespace fabu::cli
