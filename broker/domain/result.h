// Errors that a caller handles are values. Exceptions are for broken invariants and for start-up.
#pragma once

#include <fabu/v1/api.pb.h>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace fabu {

enum class ErrorCode {
  invalid,       // the request can never succeed as it is (422)
  malformed,     // it could not even be read (400)
  not_found,     // (404)
  gone,          // it was there and was withdrawn (410)
  conflict,      // it contradicts what is stored (409)
  precondition,  // the caller saw an older state (412)
  unauthorized,  // who are you (401)
  forbidden,     // you may not (403)
  too_large,     // (413)
  unsupported,   // media type or format (415)
  busy,          // try again later (429)
  unavailable,   // the store cannot write now (503)
  io,            // an operation of the system failed (500)
  corrupt,       // stored data contradicts itself (500)
};

// What went wrong, where, and what to do about it. `what` and `todo` are shown to people: no secrets.
struct Error {
  ErrorCode code = ErrorCode::io;
  std::string where;  // field path, file:line, or the operation
  std::string what;
  std::string todo;
  std::vector<v1::FieldProblem> problems;  // every fault of a submission at once
};

template <typename T>
using Result = boost::system::result<T, Error>;

// boost::system::result calls this when value() is asked of an error: a broken invariant.
[[noreturn]] inline void throw_exception_from_error(const Error& e, const boost::source_location&) {
  throw std::logic_error(e.where + ": " + e.what);
}

}  // namespace fabu
