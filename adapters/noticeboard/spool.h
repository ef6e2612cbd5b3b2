// The spool folder: one PDF for each delivery, whole or not there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace fabu::noticeboard {

// Where the sheet of a delivery lies; nothing when the id cannot be a file's name.
std::optional<std::filesystem::path> spool_path(const std::filesystem::path& folder, const std::string& delivery_id);
// The file's bytes; nothing when it is not there. Throws std::filesystem::filesystem_error when it cannot be read.
std::optional<std::string> read_spooled(const std::filesystem::path& file);
// Writes beside the file, syncs, renames, and syncs the folder, which is made if need be. Throws std::system_error.
void write_spooled(const std::filesystem::path& file, const std::string& bytes);

}  // namespace fabu::noticeboard
