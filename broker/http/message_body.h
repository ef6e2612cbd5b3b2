// The API's messages as they travel: protobuf, or its JSON mapping.
#pragma once

#include <fabu/v1/api.pb.h>
#include <google/protobuf/message.h>

#include <string>

#include "broker/domain/result.h"
#include "broker/http/request.h"
#include "broker/http/response.h"

namespace fabu::http {

// The JSON mapping on one line; fields at their default are left out. Text that is not UTF-8 cannot be in a parsed message.
std::string json_text(const google::protobuf::Message&);
// The same for a receipt, written by hand: it is the answer to every submission, and the general way costs more than all else.
std::string json_text(const v1::SubmissionReceipt&);

// Whether the caller would rather have protobuf than JSON. Without an Accept header: JSON.
bool prefers_protobuf(const Request&);
// An answer in the form that the caller prefers.
Response message_response(const Request&, int status, const google::protobuf::Message&);
Response message_response(const Request&, int status, const v1::SubmissionReceipt&);

// Reads a request's body as the message by its Content-Type; an empty body is the empty message. Errors: malformed.
Result<void> read_message(const Request&, google::protobuf::Message&);

bool is_protobuf(std::string_view media_type);

}  // namespace fabu::http
