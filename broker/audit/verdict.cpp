#include "broker/audit/verdict.h"

#include <utility>

namespace fabu::audit {

const char* fault_name(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::unreadable:
      return "unreadable";
    case Fault::missing:
      return "missing";
    case Fault::signature:
      return "signature";
    case Fault::sequence_gap:
      return "sequence_gap";
    case Fault::time:
      return "time";
    case Fault::leaf:
      return "leaf";
    case Fault::tile:
      return "tile";
    case Fault::root:
      return "root";
    case Fault::inconsistent:
      return "inconsistent";
    case Fault::chain:
      return "chain";
    case Fault::contradiction:
      return "contradiction";
    case Fault::edition:
      return "edition";
    case Fault::receipt:
      return "receipt";
    case Fault::opening:
      return "opening";
  }
  return "unknown";
}

void Verdict::fail(Fault what, std::string words) {
  if (!ok) return;
  ok = false;
  fault = what;
  failure = std::move(words);
}

void Verdict::fail_record(Fault what, std::uint64_t seq, const std::string& words) {
  if (!ok) return;
  fail(what, "record " + std::to_string(seq) + ": " + words);
  bad_seq = seq;
}

}  // namespace fabu::audit
