#include "broker/cli/item_text.h"

#include <fabu/v1/item.pb.h>
#include <fmt/format.h>
#include <google/protobuf/util/delimited_message_util.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Found {
  fs::path path;
  Digest digest;
  std::uint64_t size = 0;
};

Result<Found> digest_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  Sha256 sha;
  Found found;
  found.path = path;
  std::vector<char> buffer(1 << 16);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    sha.update(std::string_view(buffer.data(), static_cast<std::size_t>(in.gcount())));
    found.size += static_cast<std::uint64_t>(in.gcount());
  }
  if (in.bad() || !in.eof()) return Error{ErrorCode::io, path.string(), "cannot be read", "check that it is a readable file", {}};
  found.digest = sha.finish();
  return found;
}

// The file of an attachment of this name; nothing when there is none.
std::optional<fs::path> find_beside(const fs::path& beside, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos || name == "." || name == "..") return std::nullopt;
  for (const auto& path : {beside / "attachments" / name, beside / name}) {
    std::error_code ec;
    if (fs::is_regular_file(path, ec)) return path;
  }
  return std::nullopt;
}

// What an item says of one attachment, before and after its file was looked at.
struct Claim {
  std::string name, sha256;
  std::uint64_t size = 0;
};

// Completes the claim from the file beside the item; adds the file to `submission`. True when the claim changed.
Result<bool> complete(Claim& claim, std::size_t index, const fs::path& beside, Submission& submission) {
  const auto path = find_beside(beside, claim.name);
  if (!path) return false;
  auto found = digest_of(*path);
  if (!found) return found.error();
  const auto contradiction = [&](const char* field, const std::string& said, const std::string& is) {
    return Error{ErrorCode::invalid,
                 fmt::format("{}: attachments[{}].{}", submission.name, index, field),
                 fmt::format("is {} but {} has {}", said, path->string(), is),
                 fmt::format("leave {} out to have it filled in, or put the right file there", field),
                 {}};
  };
  const std::string hex = found->digest.hex();
  if (!claim.sha256.empty() && claim.sha256 != hex) return contradiction("sha256", claim.sha256, hex);
  if (claim.size != 0 && claim.size != found->size) {
    return contradiction("size", std::to_string(claim.size), std::to_string(found->size));
  }
  const bool changed = claim.sha256.empty() || claim.size == 0;
  claim.sha256 = hex;
  claim.size = found->size;
  submission.files.push_back({index, found->digest, found->path});
  return changed;
}

std::string text_of(const Json& object, const char* field) {
  const auto it = object.find(field);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

// Sizes may be numbers or, as protobuf writes them, strings of digits.
std::uint64_t size_of(const Json& object) {
  const auto it = object.find("size");
  if (it == object.end()) return 0;
  if (it->is_number_unsigned()) return it->get<std::uint64_t>();
  if (it->is_string()) return std::strtoull(it->get<std::string>().c_str(), nullptr, 10);
  return 0;
}

Result<bool> complete_json(Json& item, const fs::path& beside, Submission& submission) {
  const auto attachments = item.find("attachments");
  if (attachments == item.end() || !attachments->is_array()) return false;
  bool changed = false;
  for (std::size_t i = 0; i < attachments->size(); ++i) {
    Json& attachment = (*attachments)[i];
    if (!attachment.is_object()) continue;
    Claim claim{text_of(attachment, "name"), text_of(attachment, "sha256"), size_of(attachment)};
    auto one = complete(claim, i, beside, submission);
    if (!one) return one.error();
    if (!*one) continue;
    attachment["sha256"] = claim.sha256;
    attachment["size"] = std::to_string(claim.size);
    changed = true;
  }
  return changed;
}

Error unreadable(const std::string& name, const std::string& why, const char* todo) {
  return {ErrorCode::malformed, name, why, todo, {}};
}

Result<Submission> from_value(const std::string& name, const fs::path& beside, Json item, std::string text) {
  if (!item.is_object()) return unreadable(name, "is not a JSON object", "an item is an object: {\"title\": …}");
  Submission submission{
      name, std::move(text), "application/json", item.contains("correction") && item["correction"].is_object(), {}};
  auto changed = complete_json(item, beside, submission);
  if (!changed) return changed.error();
  if (*changed || submission.body.empty()) submission.body = item.dump(-1, ' ', false, Json::error_handler_t::replace);
  return submission;
}

// Not a Result: a Json can be made of anything, an Error too.
std::optional<Json> parse(const std::string& text, std::string& why) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    why = error.what();  // "[json.exception.parse_error.101] parse error at line 3, column 5: …"
    if (const auto end = why.find("] "); end != std::string::npos) why.erase(0, end + 2);
    return std::nullopt;
  }
}

Result<Submission> from_item(const std::string& name, const fs::path& beside, v1::Item item) {
  Submission submission{name, {}, "application/x-protobuf", item.has_correction(), {}};
  for (int i = 0; i < item.attachments_size(); ++i) {
    auto& attachment = *item.mutable_attachments(i);
    Claim claim{attachment.name(), attachment.sha256(), attachment.size()};
    auto one = complete(claim, static_cast<std::size_t>(i), beside, submission);
    if (!one) return one.error();
    attachment.set_sha256(claim.sha256);
    attachment.set_size(claim.size);
  }
  item.SerializeToString(&submission.body);
  return submission;
}

}  // namespace

Result<Submission> from_json(const std::string& name, const fs::path& beside, std::string text) {
  std::string why;
  auto item = parse(text, why);
  if (!item) return unreadable(name, why, "mend the JSON there");
  return from_value(name, beside, std::move(*item), std::move(text));
}

std::vector<Result<Submission>> from_json_file(const std::string& name, const fs::path& beside, std::string text) {
  std::string why;
  auto value = parse(text, why);
  if (!value) return {unreadable(name, why, "mend the JSON there")};
  if (!value->is_array()) return {from_value(name, beside, std::move(*value), std::move(text))};
  std::vector<Result<Submission>> all;
  for (std::size_t i = 0; i < value->size(); ++i)
    all.push_back(from_value(fmt::format("{}[{}]", name, i), beside, (*value)[i], {}));
  return all;
}

std::vector<Result<Submission>> from_protobuf(const std::string& name, const fs::path& beside, std::string bytes) {
  v1::Item single;
  if (single.ParseFromString(bytes) && !(single.department().empty() && single.title().empty())) {
    return {from_item(name, beside, std::move(single))};
  }
  std::vector<Result<Submission>> all;
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT32_MAX)));
  google::protobuf::io::CodedInputStream coded(&stream);
  bool clean_end = false;
  while (true) {
    v1::Item item;
    if (!google::protobuf::util::ParseDelimitedFromCodedStream(&item, &coded, &clean_end)) break;
    all.push_back(from_item(fmt::format("{}[{}]", name, all.size()), beside, std::move(item)));
  }
  if (!clean_end || all.empty()) {
    all.push_back(unreadable(fmt::format("{}[{}]", name, all.size()), "is neither an Item in protobuf nor length-delimited Items",
                             "write it with fabu.v1.Item from proto/fabu/v1/item.proto"));
  }
  return all;
}

}  // namespace fabu::cli
