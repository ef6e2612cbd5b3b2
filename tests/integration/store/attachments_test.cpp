// Attachments: streamed, bounded, and there only once their bytes are those of their digest.
#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

constexpr std::uint64_t kBound = 1 << 20;

std::string file_of(std::size_t bytes) {
  std::string file;
  for (std::size_t i = 0; i < bytes; ++i) file.push_back(static_cast<char>(i * 131 + (i >> 8)));
  return file;
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Result<std::uint64_t> put(Store& store, const std::string& file, std::size_t piece = 4096) {
  auto writer = store.write_attachment(sha256(file), kBound);
  if (!writer) return writer.error();
  for (std::size_t at = 0; at < file.size(); at += piece) {
    if (const auto appended = (*writer)->append(std::string_view(file).substr(at, piece)); !appended) return appended.error();
  }
  return (*writer)->finish();
}

TEST_P(StoreConformance, StoresAFileThatComesInPieces) {
  const auto file = file_of(300'000);
  EXPECT_EQ(put(store(), file, 7001).value(), file.size());
  EXPECT_EQ(store().attachment_size(sha256(file)).value(), file.size());
  EXPECT_TRUE(read(store().attachment_path(sha256(file)).value()) == file);
  close_and_reopen();
  EXPECT_TRUE(read(store().attachment_path(sha256(file)).value()) == file);
}

TEST_P(StoreConformance, StoresAnEmptyFileAndOneOfTheLargestSize) {
  EXPECT_EQ(put(store(), "").value(), 0u);
  EXPECT_EQ(store().attachment_size(sha256("")).value(), 0u);
  EXPECT_EQ(put(store(), file_of(kBound)).value(), kBound);
}

TEST_P(StoreConformance, DoesNotHaveAFileThatWasNeverSent) {
  const auto digest = sha256("never sent");
  EXPECT_EQ(store().attachment_size(digest).value(), std::nullopt);
  EXPECT_EQ(code_of(store().attachment_path(digest)), ErrorCode::not_found);
}

TEST_P(StoreConformance, RefusesAFilePastItsBound) {
  const auto file = file_of(kBound + 1);
  EXPECT_EQ(code_of(put(store(), file)), ErrorCode::too_large);
  EXPECT_EQ(store().attachment_size(sha256(file)).value(), std::nullopt);
}

TEST_P(StoreConformance, RefusesBytesThatAreNotThoseOfTheDigest) {
  const auto digest = sha256("the file");
  auto writer = std::move(store().write_attachment(digest, kBound).value());
  ASSERT_TRUE(writer->append("another file"));
  const auto finished = writer->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ErrorCode::invalid);
  EXPECT_NE(finished.error().what.find(sha256("another file").hex()), std::string::npos) << "it says what came";
  writer.reset();
  EXPECT_EQ(store().attachment_size(digest).value(), std::nullopt);
}

TEST_P(StoreConformance, LeavesNothingOfAnUnfinishedFile) {
  const auto file = file_of(10'000);
  const auto files = [&] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder())) count += entry.is_regular_file() ? 1 : 0;
    return count;
  };
  const auto before = files();
  {
    auto writer = std::move(store().write_attachment(sha256(file), kBound).value());
    ASSERT_TRUE(writer->append(file));
    EXPECT_EQ(store().attachment_size(sha256(file)).value(), std::nullopt) << "nobody reads it before it is finished";
  }
  EXPECT_EQ(files(), before);
  EXPECT_EQ(store().attachment_size(sha256(file)).value(), std::nullopt);
}

TEST_P(StoreConformance, StoresTheSameFileAgainWithoutHarm) {
  const auto file = file_of(10'000);
  ASSERT_TRUE(put(store(), file));
  EXPECT_EQ(put(store(), file).value(), file.size());
  EXPECT_EQ(code_of(put(store(), file_of(kBound + 1))), ErrorCode::too_large);
  EXPECT_TRUE(read(store().attachment_path(sha256(file)).value()) == file);
}

TEST_P(StoreConformance, TakesTheSameFileFromManyAtOnce) {
  const auto file = file_of(200'000);
  std::vector<std::thread> senders;
  std::atomic<int> stored = 0;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&] {
      for (int round = 0; round < 5; ++round) stored += put(store(), file, 10'000).has_value() ? 1 : 0;
    });
  }
  for (auto& sender : senders) sender.join();
  EXPECT_EQ(stored, 20);
  EXPECT_TRUE(read(store().attachment_path(sha256(file)).value()) == file);
}

}  // namespace
}  // namespace fabu::store
