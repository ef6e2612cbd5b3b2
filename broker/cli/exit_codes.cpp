#include "broker/cli/exit_codes.h"

namespace fabu::cli {

Exit exit_for_status(int status) {
  if (status == 401 || status == 403) return Exit::not_allowed;
  if (status == 404) return Exit::not_found;
  if (status == 429 || status >= 500) return Exit::unreachable;
  return Exit::refused;
}

Exit exit_for_error(const Error& error) {
  switch (error.code) {
    case ErrorCode::unavailable:
    case ErrorCode::busy:
      return Exit::unreachable;
    case ErrorCode::unauthorized:
    case ErrorCode::forbidden:
      return Exit::not_allowed;
    case ErrorCode::not_found:
      return Exit::not_found;
    case ErrorCode::io:
      return Exit::local;
    case ErrorCode::invalid:
    case ErrorCode::malformed:
    case ErrorCode::gone:
    case ErrorCode::conflict:
    case ErrorCode::precondition:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
    case ErrorCode::corrupt:
      return Exit::refused;
  }
  return Exit::refused;
}

}  // namespace fabu::cli
