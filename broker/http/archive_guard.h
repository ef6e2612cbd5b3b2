// Refuses archives that unpack to absurd sizes (zip bombs) before anyone who downloads them has to. ZIP, and what is built on it:
// docx, xlsx, pptx, ofd. Sizes that an archive declares are not believed: it is unpacked, counted, and thrown away.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "broker/domain/result.h"

namespace fabu::http {

struct ArchiveBounds {
  std::uint64_t unpacked = 1ULL << 30;   // bytes in all, nested archives included
  std::uint64_t ratio = 200;             // unpacked bytes for each byte of the archive
  std::uint64_t harmless = 16ULL << 20;  // the ratio counts only beyond so many unpacked bytes
  std::uint64_t entries = 10'000;        // in all, nested archives included
  unsigned nesting = 3;                  // archives within archives
};

// Whether bytes begin like a ZIP archive; four are enough.
bool is_archive(std::string_view first_bytes);

// Blocks; reads the file once or twice. Errors: invalid, saying which bound; malformed when it is a broken archive (which no
// reader opens, and a guard cannot judge).
Result<void> check_archive(const std::filesystem::path& file, const ArchiveBounds& bounds = {});

}  // namespace fabu::http
