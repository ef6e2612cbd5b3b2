// The dry run of a submission: what the same submission would be answered now.
#pragma once

#include <fabu/v1/api.pb.h>

#include "broker/domain/result.h"
#include "broker/store/store.h"

namespace fabu::flow {

// Follows the store's rules on what stands under the reference, and stores nothing. The receipt has no numbers that only storing
// gives: item, edition, leaf, and an 索引号 that would be allotted. Blocks on the store.
Result<v1::SubmissionReceipt> rehearse(const store::Accept&, store::Store&);

}  // namespace fabu::flow
