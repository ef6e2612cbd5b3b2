#include "broker/http/archive_guard.h"

#include <fmt/format.h>
#include <zip.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace fabu::http {
namespace {

struct ZipDiscard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct EntryClose {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
struct FileClose {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Archive = std::unique_ptr<zip_t, ZipDiscard>;
using File = std::unique_ptr<std::FILE, FileClose>;

Error refused(std::string rule, std::string what, std::string what_zh) {
  Error error{ErrorCode::invalid, "attachment", what, "Send the files themselves, or an archive of ordinary size.", {}};
  v1::FieldProblem problem;
  problem.set_path("attachment");
  problem.set_rule("attachment.archive." + std::move(rule));
  problem.set_what(std::move(what));
  problem.set_todo(error.todo);
  problem.set_what_zh(std::move(what_zh));
  problem.set_todo_zh("请直接上传文件本身，或上传大小正常的压缩包。");
  error.problems.push_back(std::move(problem));
  return error;
}

Error broken() {
  auto error = refused("broken", "The file begins like a ZIP archive (docx, xlsx, zip), but cannot be read as one.",
                       "文件形如 ZIP 压缩包（docx、xlsx、zip），但无法读取。");
  error.todo = "Check that it was saved and transferred whole.";
  return error;
}

// Counts what comes out of an archive and of those within it.
class Count {
 public:
  Count(const ArchiveBounds& bounds, std::uint64_t packed) : bounds_(bounds), packed_(packed) {}

  Result<void> archive(zip_t* zip, std::uint64_t size, unsigned depth) {
    const auto number = zip_get_num_entries(zip, 0);
    entries_ += static_cast<std::uint64_t>(number);
    if (entries_ > bounds_.entries) {
      return refused("entries", fmt::format("The archive holds more than {} entries.", bounds_.entries),
                     fmt::format("压缩包内文件超过 {} 个。", bounds_.entries));
    }
    if (auto overlapping = overlap(zip, number, size)) return *overlapping;
    for (zip_int64_t i = 0; i < number; ++i) {
      if (auto good = entry(zip, static_cast<zip_uint64_t>(i), depth); !good) return good;
    }
    return {};
  }

 private:
  // Entries that share packed bytes are how small archives unpack without bound: their packed sizes add up to more than the file.
  static std::optional<Error> overlap(zip_t* zip, zip_int64_t number, std::uint64_t size) {
    std::uint64_t packed = 0;
    for (zip_int64_t i = 0; i < number; ++i) {
      zip_stat_t stat;
      if (zip_stat_index(zip, static_cast<zip_uint64_t>(i), 0, &stat) != 0) return broken();
      if ((stat.valid & ZIP_STAT_COMP_SIZE) == 0 || stat.comp_size > size) return broken();
      packed += stat.comp_size;
    }
    if (packed <= size) return std::nullopt;
    return refused("overlap", "Entries of the archive overlap.", "压缩包内的文件数据相互重叠。");
  }

  Result<void> entry(zip_t* zip, zip_uint64_t index, unsigned depth) {
    zip_stat_t stat;
    if (zip_stat_index(zip, index, 0, &stat) != 0) return broken();
    // What is encrypted cannot be unpacked by anyone without its password; its declared size has to do.
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) return count(stat.size);
    const std::unique_ptr<zip_file_t, EntryClose> packed(zip_fopen_index(zip, index, 0));
    if (!packed) return zip_error_code_zip(zip_get_error(zip)) == ZIP_ER_COMPNOTSUPP ? count(stat.size) : Result<void>(broken());
    std::array<char, 64 << 10> piece;
    File nested;
    bool first = true;
    for (;;) {
      const auto got = zip_fread(packed.get(), piece.data(), piece.size());
      if (got < 0) return broken();
      if (got == 0) break;
      const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
      if (first && is_archive(bytes)) {
        nested.reset(std::tmpfile());
        if (!nested) return Error{ErrorCode::io, "attachment", "No temporary file can be made.", "See the disk of /tmp.", {}};
      }
      first = false;
      if (auto good = count(bytes.size()); !good) return good;
      if (nested && std::fwrite(bytes.data(), 1, bytes.size(), nested.get()) != bytes.size()) {
        return Error{ErrorCode::io, "attachment", "A temporary file cannot be written.", "See the disk of /tmp.", {}};
      }
    }
    return nested ? within(std::move(nested), depth + 1) : Result<void>();
  }

  Result<void> within(File file, unsigned depth) {
    if (depth > bounds_.nesting) {
      return refused("nesting", fmt::format("Archives lie in archives more than {} deep.", bounds_.nesting),
                     fmt::format("压缩包嵌套超过 {} 层。", bounds_.nesting));
    }
    std::fflush(file.get());
    const auto size = static_cast<std::uint64_t>(std::ftell(file.get()));
    std::rewind(file.get());
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_filep_create(file.get(), 0, -1, &error);
    if (source == nullptr) return broken();
    static_cast<void>(file.release());  // the source closes it
    const Archive archive_within(zip_open_from_source(source, ZIP_RDONLY, &error));
    if (!archive_within) {
      zip_source_free(source);
      return {};  // only looks like one: no reader opens it either
    }
    return archive(archive_within.get(), size, depth);
  }

  Result<void> count(std::uint64_t bytes) {
    unpacked_ = bytes > bounds_.unpacked ? bounds_.unpacked + 1 : unpacked_ + bytes;
    if (unpacked_ > bounds_.unpacked) {
      return refused("size", fmt::format("The archive unpacks to more than {} MiB.", bounds_.unpacked >> 20),
                     fmt::format("压缩包解压后超过 {} MiB。", bounds_.unpacked >> 20));
    }
    if (unpacked_ > bounds_.harmless && unpacked_ / bounds_.ratio > packed_) {
      return refused("ratio", fmt::format("The archive unpacks to more than {} times its size.", bounds_.ratio),
                     fmt::format("压缩包解压后超过自身大小的 {} 倍。", bounds_.ratio));
    }
    return {};
  }

  const ArchiveBounds& bounds_;
  std::uint64_t packed_, unpacked_ = 0, entries_ = 0;
};

}  // namespace

bool is_archive(std::string_view bytes) {
  if (bytes.size() < 4 || bytes[0] != 'P' || bytes[1] != 'K') return false;
  const int kind = bytes[2] * 16 + bytes[3];
  return kind == 0x34 || kind == 0x56 || kind == 0x78;  // a file, an empty archive, the first part of several
}

Result<void> check_archive(const std::filesystem::path& file, const ArchiveBounds& bounds) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(file, ec);
  if (ec) return Error{ErrorCode::io, "attachment", ec.message(), "See the server's disk.", {}};
  int failed = 0;
  const Archive archive(zip_open(file.c_str(), ZIP_RDONLY, &failed));
  if (!archive) return broken();
  return Count(bounds, size).archive(archive.get(), size, 0);
}

}  // namespace fabu::http
