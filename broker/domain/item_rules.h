// What every item must satisfy before it is accepted: the bounds written in item.proto and the catalogue entry's demands.
// Pure. The item is judged as `normalised` gives it. Each rule has a stable id (item.title.required) and says what to do, in
// English and Chinese.
#pragma once

#include <fabu/v1/api.pb.h>

#include <vector>

#include "broker/domain/catalogue.h"
#include "proto/fabu/time.h"

namespace fabu::domain {

// Every fault at once. Empty = acceptable. `today` is the day in Asia/Shanghai.
std::vector<v1::FieldProblem> check_item(const v1::Item&, const Catalogue&, Date today);

// Field paths whose values differ, e.g. {"title", "attachments[1].sha256"}; for answers that say what differs.
std::vector<std::string> differing_fields(const v1::Item& a, const v1::Item& b);

// A copy with defaults made explicit and text normalised where that cannot change meaning (CRLF to LF in the body, 〔〕 in
// doc_no, upper case USCC), so that equal content gives equal bytes. Idempotent.
v1::Item normalised(v1::Item);
// The bytes that are stored and digested: deterministic for one version of protobuf.
std::string content_bytes(const v1::Item&);

}  // namespace fabu::domain
