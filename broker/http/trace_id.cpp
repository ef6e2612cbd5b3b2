#include "broker/http/trace_id.h"

#include <algorithm>
#include <random>

namespace fabu::http {
namespace {

// SplitMix64's finaliser (Steele, Lea, Flood 2014): a bijection, so that different counts give different values.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

void append_hex(std::string& out, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back("0123456789abcdef"[(value >> shift) & 15]);
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool all_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

// version "-" trace-id "-" parent-id "-" flags; later versions may go on after another "-".
bool is_traceparent(std::string_view t) {
  if (t.size() < 55 || t[2] != '-' || t[35] != '-' || t[52] != '-') return false;
  if (t.size() > 55 && (t.substr(0, 2) == "00" || t[55] != '-')) return false;
  return is_hex(t.substr(0, 2)) && t.substr(0, 2) != "ff" && is_hex(t.substr(3, 32)) && !all_zero(t.substr(3, 32)) &&
         is_hex(t.substr(36, 16)) && !all_zero(t.substr(36, 16)) && is_hex(t.substr(53, 2));
}

}  // namespace

std::string TraceContext::traceresponse() const {
  std::string text;
  text.reserve(55);
  return text.append("00-").append(trace_id).append("-").append(span_id).append(sampled ? "-01" : "-00");
}

TraceIds::TraceIds() {
  std::random_device random;
  for (auto& seed : seeds_) seed = (static_cast<std::uint64_t>(random()) << 32) | random();
}

TraceContext TraceIds::next(std::string_view traceparent) {
  const std::uint64_t count = count_.fetch_add(1, std::memory_order_relaxed);
  TraceContext context;
  context.span_id.reserve(16);
  append_hex(context.span_id, mix(seeds_[2] + count) | 1);
  if (is_traceparent(traceparent)) {
    context.trace_id = traceparent.substr(3, 32);
    const char flags = traceparent[54];
    context.sampled = ((flags <= '9' ? flags - '0' : flags - 'a' + 10) & 1) != 0;
    return context;
  }
  context.trace_id.reserve(32);
  append_hex(context.trace_id, mix(seeds_[0] + count));
  append_hex(context.trace_id, mix(seeds_[1] + count) | 1);
  return context;
}

}  // namespace fabu::http
