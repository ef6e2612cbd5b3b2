// A token bucket: so many starts a second, with a burst of at most one second's worth (and at least one).
#pragma once

#include <cstddef>

#include "proto/fabu/time.h"

namespace fabu::sdk {

// Pure: told the time. Not thread-safe. A clock that goes back only delays.
class Rate {
 public:
  // `per_second` <= 0: no limit.
  Rate(double per_second, Instant now);

  // Whole tokens that are there, at most `most`.
  std::size_t available(Instant now, std::size_t most);
  // Spends tokens that available() told of.
  void spend(std::size_t tokens);
  // When the next token will be there; `now` when one is.
  Instant next(Instant now);

 private:
  void refill(Instant now);

  double per_second_;
  double burst_;
  double tokens_;
  Instant filled_;
};

}  // namespace fabu::sdk
