// What is checked of one record at its place, in a log or in a bundle. Pure.
#pragma once

#include <fabu/v1/audit.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/audit/item_history.h"

namespace fabu::audit {

// Checks `entry` as record `seq`: `in_tree` says whether its leaf hash is the tree's, `tree` what it was compared with. Then
// that it parses into `record`, carries its number and is not older than `last_time_ms`. A record that is not the tree's leaf
// but is whole and carries another number was moved, or one before it dropped: that is said instead.
std::optional<Finding> check_record(std::string_view entry, std::uint64_t seq, bool in_tree, const std::string& tree,
                                    std::int64_t last_time_ms, v1::AuditRecord& record);

}  // namespace fabu::audit
