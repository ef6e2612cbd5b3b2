// One item's text made ready to send: its attachments found, digested and filled in.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "broker/cli/item_source.h"

namespace fabu::cli {

// What an item must satisfy is the broker's to say. Only what cannot
// be read, and attachments that contradict their file, are errors here.
Result<Submission> from_json(const std::string& name, const std::filesystem::path& beside, std::string text);
// A JSON file: one item, or an array of items.
std::vector<Result<Submission>> from_json_file(const std::string& name, const std::filesystem::path& beside, std::string text);
// One serialised Item, or Items each after its varint length.
std::vector<Result<Submission>> from_protobuf(const std::string& name, const std::filesystem::path& beside, std::string bytes);

}  // namespace fabu::cli
