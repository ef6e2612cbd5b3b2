// What must hold of a store at every moment, whatever happened to it before: read through the port alone, like an auditor who may
// see everything.
//
// - The log verifies from its files (broker/audit/verify_log), and its root follows from its tiles.
// - State and log say the same: every edition was received or ordered with the digest of its bytes, every delivery is where its
//   records leave it, every commitment has its opening.
// - Lists, counters and open deliveries agree with the items; no delivery has two owners.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/store/store.h"

namespace fabu::store {

// `fellows`: the other stores of the same database, each of which owns a part of what is open.
testing::AssertionResult is_sound(Store&, const std::vector<Store*>& fellows = {});

// The running numbers that items of the prefix have, ascending. Without gaps they are 1, 2, 3 …
std::vector<int> index_numbers(Store&, const std::string& prefix);
// Every item, newest first, page by page.
std::vector<v1::ItemSummary> all_items(Store&);

}  // namespace fabu::store
