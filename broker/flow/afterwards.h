// What nobody waits for may wait a moment: until the next submission has gone to the store, whose sync then takes the time in
// which this is done. See docs/decisions/0002.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace fabu::flow {

// Thread-safe. What waits when this object goes is forgotten.
class Afterwards {
 public:
  // Nothing waits longer than `patience`; with 0 each is done as soon as the executor comes to it.
  Afterwards(boost::asio::any_io_executor, std::chrono::microseconds patience);
  ~Afterwards();

  void add(std::function<void()> work);
  // Does what waits, here and now.
  void now();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fabu::flow
