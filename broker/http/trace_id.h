// The trace that a request belongs to (W3C Trace Context): taken from the caller's `traceparent`, else made here.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace fabu::http {

struct TraceContext {
  std::string trace_id;  // 32 lower-case hex digits, not all zero
  std::string span_id;   // 16, of this server's part
  bool sampled = false;

  std::string traceresponse() const;  // "00-{trace_id}-{span_id}-01"
};

// Makes identifiers that no one else makes: a random start and a counter, mixed. Not secret. Thread-safe.
class TraceIds {
 public:
  TraceIds();
  // Takes over the trace of a valid `traceparent` (version 00 or later); begins one otherwise.
  TraceContext next(std::string_view traceparent);

 private:
  std::uint64_t seeds_[3];
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace fabu::http
