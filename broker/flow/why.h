// Plain words on an item: how it was routed, every attempt, what blocks it now, what happens next and when. Pure.
#pragma once

#include <fabu/v1/api.pb.h>

#include <vector>

#include "broker/domain/catalogue.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

struct WhyFacts {
  v1::ItemView item;
  v1::Trace trace;                        // with the openings of failed attempts
  std::vector<v1::ChannelView> channels;  // as they are now
  const domain::Entry* entry = nullptr;   // null: the catalogue no longer has it
  Instant now;
};

v1::Why why(const WhyFacts&);

}  // namespace fabu::flow
