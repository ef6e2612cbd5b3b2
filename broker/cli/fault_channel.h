// A test hook: FABU_FAULT=exit-before-report:N in the environment of `fabu adapter` ends the process, as kill -9 would (code
// 137), after the Nth time that a channel has had its effect and before that is reported. The next try must find the effect.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapters/sdk/channel.h"

namespace fabu::cli {

// N of "exit-before-report:N"; nothing for anything else.
std::optional<std::uint64_t> exit_before_report(const std::string& fault);

// All channels that are wrapped count together.
std::unique_ptr<sdk::Channel> with_fault(std::unique_ptr<sdk::Channel>, std::uint64_t effects);

}  // namespace fabu::cli
