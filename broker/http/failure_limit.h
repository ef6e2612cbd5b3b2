// Counts failed attempts of each address, so that guessing keys costs the guesser and not the store. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace fabu::http {

// Not thread-safe. Each address may fail `burst` times at once and regains one try every `regain`.
class FailureLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  FailureLimit(unsigned burst, std::chrono::milliseconds regain, std::size_t max_addresses)
      : burst_(burst), regain_(regain), max_addresses_(max_addresses) {}

  // Whether the address has used up its tries.
  bool exhausted(const std::string& address, Time now) const;
  void failed(const std::string& address, Time now);
  std::size_t addresses() const { return until_.size(); }

 private:
  unsigned burst_;
  std::chrono::milliseconds regain_;
  std::size_t max_addresses_;
  // When all tries are regained; an address that is not here, or whose time has passed, has failed never.
  std::unordered_map<std::string, Time> until_;
};

}  // namespace fabu::http
