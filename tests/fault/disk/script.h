// A short life of a store with every kind of write, one after another, and how to tell whether each has had its effect.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "integration/store/blocking_store.h"

namespace fabu::store {

enum class Answer : std::uint8_t {
  acked,        // done, or found done before
  unavailable,  // the store says that it could not
  wrong,        // anything else: a fault of the store
};

struct Step {
  std::string name;
  std::function<Answer(Store&)> act;
  std::function<bool(Store&)> holds;  // its effect is there
};

const std::vector<Step>& script();

// Runs the script from `begin` until a step is not acked. How many steps were acked, those before `begin` included.
std::size_t run_script(Store&, std::size_t begin = 0);

// The first `acked` steps hold, and none after the one that may have been under way; the store is sound.
testing::AssertionResult kept_its_word(Store&, std::size_t acked);
// The store is what an undisturbed run of the whole script leaves: each effect exactly once.
testing::AssertionResult is_complete(Store&);

}  // namespace fabu::store
