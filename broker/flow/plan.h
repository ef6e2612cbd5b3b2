// Planning: which channels an item goes to, by its catalogue entry and what is set up here. Pure.
#pragma once

#include <string>
#include <vector>

#include "broker/domain/catalogue.h"
#include "broker/flow/installation.h"

namespace fabu::flow {

struct Plan {
  std::vector<std::string> channels;  // in the catalogue's order
  std::vector<std::string> skipped;   // named by the catalogue, not set up here
  bool held = false;                  // a reviewer must look first
};

inline Plan plan(const domain::Entry& entry, const Installation& installation) {
  Plan plan;
  for (const auto& channel : entry.channels) {
    (installation.has_channel(channel) ? plan.channels : plan.skipped).push_back(channel);
  }
  plan.held = entry.review != domain::ReviewPolicy::none;
  return plan;
}

}  // namespace fabu::flow
