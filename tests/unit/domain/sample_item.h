// An item that satisfies every rule, a catalogue of three entries, and what a check says of a changed item.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "broker/domain/item_rules.h"

namespace fabu::domain {

inline constexpr Date kToday{std::chrono::year{2026}, std::chrono::month{8}, std::chrono::day{20}};

// T-PLAIN (stage result), T-PERIOD (notice_period 3d), T-FIELDS (requires doc_no, lot_codes, publisher.uscc, related).
const Catalogue& sample_catalogue();
v1::Item sample_item();

// "path: rule" of every fault of the sample after a change.
std::vector<std::string> faults_after(const std::function<void(v1::Item&)>& change);
// The same, with everything that is said.
std::vector<v1::FieldProblem> problems_after(const std::function<void(v1::Item&)>& change);

// Text of `count` Chinese characters, three bytes each.
std::string chinese(std::size_t count);

}  // namespace fabu::domain
