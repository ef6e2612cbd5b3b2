#include "broker/http/message_body.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <array>
#include <iterator>

#include "broker/http/media.h"

namespace fabu::http {
namespace {

const std::array<std::string, 3> kOffers{"application/json", "application/x-protobuf", "application/protobuf"};

constexpr std::string_view kNamed = "\"\\\b\f\n\r\t", kNames = "\"\\bfnrt";  // escapes with a letter of their own

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // U+2028 and U+2029 (E2 80 A8, E2 80 A9) are escaped by protobuf too: they end lines in old JavaScript.
    const bool separator = c == 0xE2 && i + 2 < text.size() && static_cast<unsigned char>(text[i + 1]) == 0x80 &&
                           (static_cast<unsigned char>(text[i + 2]) & 0xFE) == 0xA8;
    if (separator) {
      out += static_cast<unsigned char>(text[i + 2]) == 0xA8 ? "\\u2028" : "\\u2029";
      i += 2;
    } else if (const auto at = kNamed.find(text[i]); at != std::string_view::npos) {
      out.push_back('\\');
      out.push_back(kNames[at]);
    } else if (c == '<' || c == '>' || c < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    } else {
      out.push_back(text[i]);
    }
  }
  out.push_back('"');
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  fmt::format_to(std::back_inserter(out), "{}\"{}\":", out.size() > 1 ? "," : "", name);
  append_quoted(out, value);
}

// 64-bit numbers are strings in the mapping, others are numbers.
template <typename Number>
void append_number(std::string& out, std::string_view name, Number value) {
  if (value == 0) return;
  fmt::format_to(std::back_inserter(out), sizeof(Number) == 8 ? "{}\"{}\":\"{}\"" : "{}\"{}\":{}", out.size() > 1 ? "," : "",
                 name, value);
}

template <typename Message>
Response response_of(const Request& request, int status, const Message& message) {
  const bool binary = prefers_protobuf(request);
  auto response = text_response(status, binary ? "application/x-protobuf" : "application/json",
                                binary ? message.SerializeAsString() : json_text(message));
  response.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

std::string json_text(const google::protobuf::Message& message) {
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text);
  return status.ok() ? text : std::string("{}");
}

std::string json_text(const v1::SubmissionReceipt& receipt) {
  std::string out = "{";
  out.reserve(512);
  append_number(out, "itemId", receipt.item_id());
  append_text(out, "indexNo", receipt.index_no());
  append_number(out, "edition", receipt.edition());
  append_text(out, "editionDigest", receipt.edition_digest());
  append_number(out, "logIndex", receipt.log_index());
  append_number(out, "acceptedMs", receipt.accepted_ms());
  append_text(out, "department", receipt.department());
  append_text(out, "reference", receipt.reference());
  if (!receipt.channels().empty()) {
    out += out.size() > 1 ? ",\"channels\":[" : "\"channels\":[";
    for (const auto& channel : receipt.channels()) {
      if (out.back() != '[') out.push_back(',');
      append_quoted(out, channel);
    }
    out.push_back(']');
  }
  if (receipt.dry_run()) out += out.size() > 1 ? ",\"dryRun\":true" : "\"dryRun\":true";
  if (v1::EditionState_IsValid(receipt.state())) {
    if (receipt.state() != v1::EDITION_STATE_UNSPECIFIED) append_text(out, "state", v1::EditionState_Name(receipt.state()));
  } else {
    append_number(out, "state", static_cast<std::int32_t>(receipt.state()));
  }
  out.push_back('}');
  return out;
}

bool is_protobuf(std::string_view type) {
  return type == "application/x-protobuf" || type == "application/protobuf";
}

bool prefers_protobuf(const Request& request) {
  const auto accept = request.header("Accept");
  return !accept.empty() && best_offer(accept, kOffers).value_or(0) != 0;
}

Response message_response(const Request& request, int status, const google::protobuf::Message& message) {
  return response_of(request, status, message);
}
Response message_response(const Request& request, int status, const v1::SubmissionReceipt& receipt) {
  return response_of(request, status, receipt);
}

Result<void> read_message(const Request& request, google::protobuf::Message& message) {
  if (request.body.empty()) return {};
  if (is_protobuf(media_type(request.header("Content-Type")))) {
    if (message.ParseFromString(request.body)) return {};
    return Error{ErrorCode::malformed,
                 "",
                 "The body is not a " + message.GetTypeName() + " in protobuf.",
                 "Send the serialised message.",
                 {}};
  }
  const auto status = google::protobuf::util::JsonStringToMessage(request.body, &message);
  if (status.ok()) return {};
  return Error{ErrorCode::malformed,
               "",
               "The body is not a " + message.GetTypeName() + " in JSON: " + std::string(status.message()).substr(0, 300),
               "Send one JSON object with the fields that /openapi.json lists.",
               {}};
}

}  // namespace fabu::http
