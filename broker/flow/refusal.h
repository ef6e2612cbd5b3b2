// Why a submission is refused, in words that say what to do. Builds errors; decides nothing that is not in the name.
#pragma once

#include <fabu/v1/api.pb.h>

#include <optional>
#include <string>
#include <vector>

#include "broker/domain/caller.h"
#include "broker/domain/result.h"
#include "broker/flow/installation.h"
#include "broker/store/store.h"

namespace fabu::flow::refusal {

// The caller lacks the scope, or submits for a department that is not its own or not known here. The item has its department.
std::optional<Error> not_allowed(const Caller&, const v1::Item&, const Installation&);
// Faults of the item itself, all at once.
std::optional<Error> faults(std::vector<v1::FieldProblem>);
// Attachments whose bytes the store does not have, or has with another size.
std::optional<Error> missing_attachments(const v1::Item&, store::Store&);
// What the store found when it would not accept. `content` is what was sent.
Error clash(const store::Accepted&, const std::string& content);
// `content` asks for no correction and is, but for that, what the standing content says: the same content again.
bool stands_already(const std::string& standing, const std::string& content);
// The submission is not at fault: nothing to record, and safe to send again.
bool is_ours(ErrorCode);
// "path: rule" of what could not even be read, for its record.
std::string unread(const Error&);

}  // namespace fabu::flow::refusal
