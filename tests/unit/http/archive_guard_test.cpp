#include "broker/http/archive_guard.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zip.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "unit/print_result.h"

namespace fabu::http {
namespace {

namespace fs = std::filesystem;

struct ArchiveGuard : testing::Test {
  fs::path folder = fs::temp_directory_path() / ("fabu-archive-" + std::to_string(::getpid()));
  ArchiveGuard() { fs::create_directories(folder); }
  ~ArchiveGuard() override { fs::remove_all(folder); }

  fs::path archive(const std::string& name, const std::map<std::string, std::string>& entries) {
    const auto path = folder / name;
    zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto& [entry, bytes] : entries) {
      zip_file_add(zip, entry.c_str(), zip_source_buffer(zip, bytes.data(), bytes.size(), 0), 0);
    }
    EXPECT_EQ(zip_close(zip), 0);
    return path;
  }
  static std::string bytes_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path file(const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  }
  static std::string rule(const Result<void>& checked) {
    return checked ? "good" : checked.error().problems.empty() ? checked.error().what : checked.error().problems[0].rule();
  }
};

TEST_F(ArchiveGuard, KnowsArchivesByTheirFirstBytes) {
  EXPECT_TRUE(is_archive("PK\x03\x04 and more"));
  EXPECT_TRUE(is_archive("PK\x05\x06"));
  EXPECT_FALSE(is_archive("PK"));
  EXPECT_FALSE(is_archive("%PDF-1.7"));
}

TEST_F(ArchiveGuard, LetsOrdinaryArchivesPass) {
  EXPECT_EQ(rule(check_archive(archive("a.zip", {{"a.txt", "hello"}, {"b/c.txt", std::string(100'000, 'x')}}))), "good");
}

TEST_F(ArchiveGuard, RefusesAbsurdExpansion) {
  const auto bomb = archive("bomb.zip", {{"zeros", std::string(20 << 20, '\0')}});
  EXPECT_LT(fs::file_size(bomb), 100'000U);
  EXPECT_EQ(rule(check_archive(bomb)), "attachment.archive.ratio");
  ArchiveBounds bounds;
  bounds.ratio = 1'000'000;
  bounds.unpacked = 10 << 20;
  EXPECT_EQ(rule(check_archive(bomb, bounds)), "attachment.archive.size");
  EXPECT_EQ(check_archive(bomb).error().code, ErrorCode::invalid);
}

TEST_F(ArchiveGuard, CountsWhatNestedArchivesHold) {
  const auto inner = bytes_of(archive("inner.zip", {{"zeros", std::string(20 << 20, '\0')}}));
  EXPECT_EQ(rule(check_archive(archive("outer.zip", {{"a.zip", inner}}))), "attachment.archive.ratio");
}

TEST_F(ArchiveGuard, RefusesArchivesInArchivesWithoutEnd) {
  std::string bytes = bytes_of(archive("0.zip", {{"a", "b"}}));
  for (int i = 1; i <= 4; ++i) bytes = bytes_of(archive("deep.zip", {{"in.zip", bytes}}));
  EXPECT_EQ(rule(check_archive(file("deep2.zip", bytes))), "attachment.archive.nesting");
}

TEST_F(ArchiveGuard, RefusesTooManyEntries) {
  std::map<std::string, std::string> entries;
  for (int i = 0; i < 50; ++i) entries[std::to_string(i)] = "x";
  ArchiveBounds bounds;
  bounds.entries = 49;
  EXPECT_EQ(rule(check_archive(archive("many.zip", entries), bounds)), "attachment.archive.entries");
}

TEST_F(ArchiveGuard, DoesNotBelieveDeclaredSizes) {
  auto bytes = bytes_of(archive("liar.zip", {{"zeros", std::string(20 << 20, '\0')}}));
  // The uncompressed size in the central directory (offset 24 of its record) and in the local header (offset 22) become 1.
  const auto central = bytes.find("PK\x01\x02");
  ASSERT_NE(central, std::string::npos);
  for (const auto at : {central + 24, std::size_t{22}}) bytes.replace(at, 4, std::string("\x01\0\0\0", 4));
  EXPECT_NE(rule(check_archive(file("liar2.zip", bytes))), "good");
}

TEST_F(ArchiveGuard, RefusesEntriesThatShareTheirBytes) {
  // Two records of the central directory that name the same large entry.
  std::string noise(200'000, 0);
  unsigned state = 1;
  for (auto& c : noise) c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24);
  auto bytes = bytes_of(archive("twice.zip", {{"a", noise}}));
  const auto central = bytes.find("PK\x01\x02"), end = bytes.rfind("PK\x05\x06");
  const auto record = bytes.substr(central, end - central);
  auto renamed = record;
  renamed[46] = 'b';
  bytes.insert(end, renamed);
  const auto tail = bytes.rfind("PK\x05\x06");
  bytes[tail + 8] = bytes[tail + 10] = 2;
  const auto size = static_cast<std::uint32_t>(2 * record.size());
  bytes.replace(tail + 12, 4, std::string(reinterpret_cast<const char*>(&size), 4));
  EXPECT_NE(rule(check_archive(file("twice2.zip", bytes))), "good");
}

TEST_F(ArchiveGuard, RefusesABrokenArchive) {
  const auto whole = bytes_of(archive("whole.zip", {{"a.txt", "hello"}}));
  EXPECT_EQ(rule(check_archive(file("cut.zip", whole.substr(0, whole.size() / 2)))), "attachment.archive.broken");
}

}  // namespace
}  // namespace fabu::http
