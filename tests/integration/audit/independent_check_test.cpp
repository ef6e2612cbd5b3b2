// What fabu writes, a program that shares no code with it accepts; and what was changed, it refuses.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "temp_folder.h"
#include "unit/audit/sample_log.h"

namespace fabu::audit {
namespace {

struct Outcome {
  int exit = -1;
  std::string said;
};

class IndependentCheck : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& bytes) {
    std::filesystem::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << bytes;
  }
  void write_log(const std::map<std::string, std::string>& files) {
    for (const auto& [path, bytes] : files) write("log/" + path, bytes);
  }
  Outcome check(const std::string& kind, const std::string& path) {
    const std::string command = "python3 '" FABU_SOURCE_DIR "/tests/integration/audit/independent_check.py' " + kind + " '" +
                                (folder_ / path).string() + "' '" + log_key().verifier_text() + "' 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    Outcome outcome;
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) outcome.said += buffer;
    outcome.exit = WEXITSTATUS(::pclose(pipe));
    return outcome;
  }
  TempFolder folder_;
};

TEST_F(IndependentCheck, AcceptsABundle) {
  write("bundle", sample_item().bundle().SerializeAsString());
  const auto outcome = check("bundle", "bundle");
  EXPECT_EQ(outcome.exit, 0) << outcome.said;
  EXPECT_EQ(outcome.said.substr(0, 42), "verified: 16 records in a tree of 22, root") << outcome.said;
}

TEST_F(IndependentCheck, AcceptsALogOfSeveralTiles) {
  write_log(long_log(600).files());
  const auto outcome = check("log", "log");
  EXPECT_EQ(outcome.exit, 0) << outcome.said;
}

TEST_F(IndependentCheck, RefusesAChangedRecordAndNamesIt) {
  auto bundle = sample_item().bundle();
  v1::AuditRecord record;
  ASSERT_TRUE(record.ParseFromString(bundle.records(2)));
  bundle.mutable_records(2)->back() ^= 1;
  write("bundle", bundle.SerializeAsString());
  const auto outcome = check("bundle", "bundle");
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_NE(outcome.said.find("record " + std::to_string(record.seq()) + ":"), std::string::npos) << outcome.said;
  auto files = sample_item().log.files();
  files["tile/entries/000.p/22"][5] ^= 1;
  write_log(files);
  EXPECT_NE(check("log", "log").said.find("record 0:"), std::string::npos);
}

TEST_F(IndependentCheck, RefusesAForgedCheckpoint) {
  const auto sample = sample_item();
  auto files = sample.log.files();
  files["checkpoint"] =
      SigningKey::from_seed(std::string(32, '\x9'), kOrigin).value().sign_checkpoint(22, sample.log.tree().edge().root());
  write_log(files);
  EXPECT_EQ(check("log", "log").said, "NOT VERIFIED: the checkpoint is not signed by the key\n");
}

}  // namespace
}  // namespace fabu::audit
