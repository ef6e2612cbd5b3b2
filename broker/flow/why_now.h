// The end of `fabu why`: what blocks an item now, and what happens next and when. Pure.
#pragma once

#include "broker/flow/why.h"
#include "broker/flow/why_line.h"

namespace fabu::flow {

// At least one sentence.
std::vector<Line> why_now(const WhyFacts&);

}  // namespace fabu::flow
