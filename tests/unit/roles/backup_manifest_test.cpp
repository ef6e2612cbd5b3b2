#include "broker/cli/backup_manifest.h"

#include <fstream>
#include <iterator>

#include "broker/cli/backup_files.h"
#include "broker/cli/lost_records.h"
#include "temp_folder.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

BackupManifest sample() {
  BackupManifest manifest;
  manifest.version = "1.2.3";
  manifest.time_ms = 1'787'191'200'000;
  manifest.postgresql = true;
  manifest.origin = "ggj.example/log";
  manifest.log = {7, sha256("root")};
  manifest.checkpoint = "ggj.example/log\n7\n…\n";
  manifest.verifier_keys = {"a", "b"};
  manifest.files = {{"site/附件.pdf", 3, 0640, sha256("abc")}, {"odd\\name\n", 0, 0600, sha256("")}};
  return manifest;
}

TEST(BackupManifest, IsReadAsItWasWritten) {
  TempFolder folder;
  ASSERT_TRUE(write_manifest(folder.path(), sample()));
  const auto read = read_manifest(folder.path());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->version, "1.2.3");
  EXPECT_TRUE(read->postgresql);
  EXPECT_EQ(read->log.size, 7u);
  EXPECT_EQ(read->log.root, sha256("root"));
  EXPECT_EQ(read->checkpoint, sample().checkpoint);
  EXPECT_EQ(read->verifier_keys.size(), 2u);
  EXPECT_FALSE(read->has_log_key);
  ASSERT_NE(read->file("site/附件.pdf"), nullptr);
  EXPECT_EQ(read->file("site/附件.pdf")->mode, 0640u);
}

TEST(BackupManifest, HasDigestsInTheFormOfSha256sum) {
  TempFolder folder;
  ASSERT_TRUE(write_manifest(folder.path(), sample()));
  const auto sums = text_of(folder / kDigests);
  EXPECT_NE(sums.find(sha256("abc").hex() + "  site/附件.pdf\n"), std::string::npos);
  EXPECT_NE(sums.find("\\" + sha256("").hex() + "  odd\\\\name\\n\n"), std::string::npos);
}

TEST(BackupManifest, RefusesWhatWasChangedAndWhatWasNotFinished) {
  TempFolder folder;
  EXPECT_EQ(read_manifest(folder.path()).error().code, ErrorCode::io);
  ASSERT_TRUE(write_manifest(folder.path(), sample()));
  auto text = text_of(folder / kManifest);
  text[text.find("1.2.3")] = '2';
  write(folder / kManifest, text);
  EXPECT_EQ(read_manifest(folder.path()).error().code, ErrorCode::corrupt);
}

TEST(BackupManifest, RefusesPathsThatLeadOutOfIt) {
  for (const char* const path : {"../x", "/etc/passwd", "a/../../x", ""}) {
    TempFolder folder;
    auto manifest = sample();
    manifest.files = {{path, 0, 0600, sha256("")}};
    ASSERT_TRUE(write_manifest(folder.path(), manifest));
    EXPECT_EQ(read_manifest(folder.path()).error().code, ErrorCode::corrupt) << path;
  }
}

TEST(BackupFiles, LeavesOutWhatEveryProcessMakesAnew) {
  TempFolder folder;
  for (const char* const path :
       {"fabu.db", "fabu.db-wal", "website-index.db", "website-index.db.lock", "lock", "store", "log/key.pem",
        "log/checkpoint.new", "attachments/ab/cd", "attachments/tmp/x", "site/.staging/ab/1", "site/index.html"})
    write(folder / path, path);
  const auto files = files_under(folder.path());
  ASSERT_TRUE(files);
  EXPECT_EQ(files->databases, (std::vector<std::string>{"fabu.db", "website-index.db"}));
  EXPECT_EQ(files->plain, (std::vector<std::string>{"attachments/ab/cd", "log/key.pem", "site/index.html"}));
}

TEST(LostRecords, LeaveWordsForTheNextStartAndTheEvidence) {
  TempFolder folder;
  const DataFolder data(folder.path());
  ASSERT_TRUE(data.prepare());
  ASSERT_TRUE(data.fix_origin("ggj.example/log"));
  write(folder / "log" / "key.pem", "old key");
  ASSERT_TRUE(begin_new_log(data, {"ggj.example/log", 7, 9, "the note"}));
  EXPECT_EQ(data.origin(), "ggj.example/log-after-7");
  EXPECT_EQ(loss_to_tell(data),
            "this log goes on from ggj.example/log, whose records 7 to 8 are lost: 9 were signed, a backup had 7");
  EXPECT_EQ(text_of(folder / "log" / "checkpoint.before-loss"), "the note");
  EXPECT_EQ(text_of(folder / "log" / "key.before-loss.pem"), "old key");
  EXPECT_FALSE(fs::exists(folder / "log" / "key.pem"));
  loss_was_told(data);
  EXPECT_EQ(loss_to_tell(data), "");
}

}  // namespace
}  // namespace fabu::cli
