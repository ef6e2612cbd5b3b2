// A disk that is really full, under the database and under the attachments. And what is written beside SQLite, when a sync fails.
#include <map>

#include "fault/disk/disk_fixture.h"
#include "fault/disk/small_disk.h"
#include "fault/disk/sync_fault.h"

namespace fabu::store {
namespace {

std::string file_of(std::size_t bytes) {
  std::string file;
  for (std::size_t i = 0; i < bytes; ++i) file.push_back(static_cast<char>(i * 131 + (i >> 8)));
  return file;
}

std::size_t files_in(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) count += entry.is_regular_file() ? 1 : 0;
  return count;
}

Result<std::uint64_t> put(Store& store, const std::string& file) {
  auto writer = store.write_attachment(sha256(file), 64 << 20);
  if (!writer) return writer.error();
  for (std::size_t at = 0; at < file.size(); at += 65'536) {
    if (const auto appended = (*writer)->append(std::string_view(file).substr(at, 65'536)); !appended) return appended.error();
  }
  return (*writer)->finish();
}

class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    spdlog::set_level(spdlog::level::off);
    if (!disk_.mounted()) GTEST_SKIP() << disk_.why_not();
    open();
  }
  void TearDown() override { spdlog::set_level(spdlog::level::info); }
  Result<void> try_open() {
    store_.reset();
    auto opened = open_on(disk_.path() / "data", "");
    if (!opened) return opened.error();
    store_ = std::move(*opened);
    return {};
  }
  void open() { try_open().value(); }
  // Sends new items until the disk has refused some; what was acked is kept.
  void fill() {
    for (int refused = 0; refused < 5 && sent_ < 10'000;) {
      const auto reference = "GG-" + std::to_string(++sent_);
      const auto outcome = BlockingStore(*store_).accept(submission(reference));
      if (outcome) {
        acked_[reference] = outcome->receipt.SerializeAsString();
      } else {
        EXPECT_EQ(outcome.error().code, ErrorCode::unavailable) << outcome.error().what;
        ++refused;
      }
    }
  }
  testing::AssertionResult keeps_its_word() {
    for (const auto& [reference, receipt] : acked_) {
      const auto again = BlockingStore(*store_).accept(submission(reference));
      if (!again || again->kind != AcceptKind::repeated)
        return testing::AssertionFailure() << reference << " was acked and is lost";
      if (again->receipt.SerializeAsString() != receipt)
        return testing::AssertionFailure() << reference << " has another receipt";
    }
    if (all_items(*store_).size() != acked_.size()) return testing::AssertionFailure() << "what was refused is there";
    return is_sound(*store_);
  }

  SmallDisk disk_{3 << 10};
  std::unique_ptr<Store> store_;
  int sent_ = 0;
  std::map<std::string, std::string> acked_;
};

TEST_F(FullDisk, RefusesWhatDoesNotFitAndGoesOnByItselfOnceThereIsRoom) {
  fill();
  EXPECT_GT(acked_.size(), 5u);
  EXPECT_TRUE(is_sound(*store_)) << "it reads on";
  EXPECT_EQ(all_items(*store_).size(), acked_.size());
  ASSERT_TRUE(disk_.grow(64 << 10));
  for (int i = 1; i <= sent_; ++i) {
    const auto reference = "GG-" + std::to_string(i);
    const auto outcome = BlockingStore(*store_).accept(submission(reference)).value();
    EXPECT_EQ(outcome.kind, acked_.contains(reference) ? AcceptKind::repeated : AcceptKind::accepted) << reference;
    acked_.emplace(reference, outcome.receipt.SerializeAsString());
  }
  EXPECT_TRUE(keeps_its_word());
  open();
  EXPECT_TRUE(keeps_its_word());
}

TEST_F(FullDisk, LosesNothingWhenTheBrokerEndsAndStartsOnAFullDisk) {
  fill();
  if (try_open()) {
    EXPECT_TRUE(keeps_its_word());
  }
  ASSERT_TRUE(disk_.grow(64 << 10));
  open();
  EXPECT_TRUE(keeps_its_word());
  EXPECT_TRUE(BlockingStore(*store_).accept(submission("after")));
}

TEST_F(FullDisk, RefusesAnAttachmentThatDoesNotFitAndLeavesNothingOfIt) {
  const auto file = file_of(8 << 20);
  const auto before = files_in(disk_.path() / "data" / "attachments");
  const auto stored = put(*store_, file);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::unavailable);
  EXPECT_EQ(store_->attachment_size(sha256(file)).value(), std::nullopt);
  EXPECT_EQ(files_in(disk_.path() / "data" / "attachments"), before);
  EXPECT_TRUE(BlockingStore(*store_).accept(submission("GG-1"))) << "the room is given back";
  ASSERT_TRUE(disk_.grow(64 << 10));
  EXPECT_EQ(put(*store_, file).value(), file.size());
}

// All bytes were digested, but some were never written.
TEST_F(FullDisk, FinishesNoAttachmentOfWhichAPieceWasRefused) {
  const auto file = file_of(8 << 20);
  auto writer = std::move(store_->write_attachment(sha256(file), 64 << 20).value());
  EXPECT_FALSE(writer->append(file));
  ASSERT_TRUE(disk_.grow(64 << 10));
  EXPECT_FALSE(writer->append(""));
  EXPECT_EQ(code_of(writer->finish()), ErrorCode::unavailable);
  writer.reset();
  EXPECT_EQ(store_->attachment_size(sha256(file)).value(), std::nullopt);
}

class FailedAttachmentSync : public testing::Test {
 protected:
  TempFolder folder_;
  std::unique_ptr<Store> store_ = std::move(open_on(folder_.path(), "").value());
};

// Of the file, of its folder, of the folder above.
TEST_F(FailedAttachmentSync, IsAnErrorAndTheFileIsNotThere) {
  const auto file = file_of(10'000);
  for (int nth = 1; nth <= 3; ++nth) {
    {
      const SyncFault fault(nth);
      EXPECT_EQ(code_of(put(*store_, file)), ErrorCode::io) << nth;
    }
    EXPECT_EQ(store_->attachment_size(sha256(file)).value(), std::nullopt) << "nobody may count on what a crash would take away";
    EXPECT_EQ(files_in(folder_.path() / "attachments"), 0u) << nth;
  }
  EXPECT_EQ(put(*store_, file).value(), file.size());
}

TEST_F(FailedAttachmentSync, DoesNotTakeAwayAFileThatWasStoredBefore) {
  const auto file = file_of(10'000);
  put(*store_, file).value();
  for (int nth = 1; nth <= 3; ++nth) {
    const SyncFault fault(nth);
    EXPECT_FALSE(put(*store_, file)) << nth;
    EXPECT_EQ(store_->attachment_size(sha256(file)).value(), file.size()) << nth;
  }
}

}  // namespace
}  // namespace fabu::store
