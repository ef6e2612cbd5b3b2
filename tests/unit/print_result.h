// Lets GoogleTest print a Result<T>; Boost's own printing needs a stream operator for T.
#pragma once

#include <ostream>

#include "broker/domain/result.h"

namespace boost::system {

template <typename T>
void PrintTo(const result<T, fabu::Error>& result, std::ostream* out) {
  if (result) {
    *out << "a value";
  } else {
    *out << "error at " << result.error().where << ": " << result.error().what;
  }
}

}  // namespace boost::system
