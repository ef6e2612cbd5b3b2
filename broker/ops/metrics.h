// Metrics in Prometheus' text format. Names start with fabu_; labels are bounded (channel names, fixed words). Nothing is
// computed by scanning tables.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/flow/events.h"
#include "broker/store/store.h"

namespace fabu::ops {

// Counts what the use cases tell, and logs what an operator cares about. Thread-safe.
class Metrics final : public flow::Events {
 public:
  explicit Metrics(std::vector<std::string> channels);
  ~Metrics() override;

  void submitted(std::string_view outcome) override;
  void delivered(const v1::Delivery&) override;
  void setback(const v1::Delivery&, const v1::Failure&) override;
  void store_failed(std::string_view operation, std::string_view what) override;

  // One HTTP request answered; `route` is the route's id, never a raw path.
  void request(std::string_view route, int status, double seconds);
  // A channel's state as a word: running, paused, open, half-open, stopped.
  void channel_state(const std::string& channel, std::string_view state);

  // The text of /metrics. Reads the store's maintained counters.
  std::string text(store::Store&);
  // The same of a process without a store.
  std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
  std::vector<std::string> channels_;
};

}  // namespace fabu::ops
