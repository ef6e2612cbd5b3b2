// Copies of a database file, for backups.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "broker/domain/result.h"

namespace fabu::store {

// One state of the database, however many write to it meanwhile (SQLite's online backup in one step). `to` must not exist; it
// needs no files beside it. Any database of SQLite will do.
Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to);

// The log's entries in a copy, by their number. The copy is not written to.
Result<void> each_entry(const std::filesystem::path& copy, const std::function<void(std::uint64_t seq, std::string_view bytes)>&);

}  // namespace fabu::store
