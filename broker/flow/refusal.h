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

// The caller lacks the scope, or submits for a department that is not its own or not known here.
std::optional<Error> not_allowed(const Caller&, const v1::Item&, const Installation&);
// Faults of the item itself, all at once.
std::optional<Error> faults(std::vector<v1::FieldProblem>);
// Attachments whose bytes the store does not have, or has with another size.
std::optional<Error> missing_attachments(const v1::Item&, store::Store&);
// What the store found when it would not accept. `content` is what was sent.
Error clash(const store::Accepted&, const std::string& content);
// For a dry run: the clash that the same submission would meet now. Reads the store; blocks for a moment.
std::optional<Error> would_clash(const v1::Item&, const store::Accept&, store::Store&);

}  // namespace fabu::flow::refusal
