#include "broker/audit/signing_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "temp_folder.h"
#include "unit/audit/sample_log.h"

namespace fabu::audit {
namespace {

class SigningKeyFile : public testing::Test {
 protected:
  std::string path() const { return (folder_ / "log.key").string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_.path()), std::filesystem::directory_iterator()));
  }
  TempFolder folder_;
};

TEST_F(SigningKeyFile, IsMadeOnceWithModeOwnerOnlyAndLoadedAfterwards) {
  const auto made = SigningKey::load_or_make(path(), kOrigin);
  ASSERT_TRUE(made) << made.error().what;
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(files(), 1U) << "no draft is left";
  const auto loaded = SigningKey::load_or_make(path(), kOrigin);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->verifier_text(), made->verifier_text());
  std::ifstream file(path());
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "-----BEGIN PRIVATE KEY-----") << "PKCS#8";
}

TEST_F(SigningKeyFile, SignsWhatItsVerifierKeyVerifies) {
  const auto key = SigningKey::load_or_make(path(), kOrigin).value();
  const auto note = key.sign_checkpoint(3, sha256("root"));
  const auto verifier = VerifierKey::parse(key.verifier_text()).value();
  EXPECT_EQ(open_checkpoint(note, std::vector{verifier}).value(), (Checkpoint{kOrigin, 3, sha256("root")}));
  EXPECT_FALSE(open_checkpoint(note, trusted())) << "another key of the same name";
}

TEST_F(SigningKeyFile, TwoThatStartAtOnceGetTheSameKey) {
  std::vector<std::string> keys(8);
  std::vector<std::thread> threads;
  for (auto& key : keys) threads.emplace_back([&] { key = SigningKey::load_or_make(path(), kOrigin).value().verifier_text(); });
  for (auto& thread : threads) thread.join();
  for (const auto& key : keys) EXPECT_EQ(key, keys.front());
  EXPECT_EQ(files(), 1U);
}

TEST_F(SigningKeyFile, IsRefusedWhenOthersMayReadIt) {
  ASSERT_TRUE(SigningKey::load_or_make(path(), kOrigin));
  for (const mode_t mode : {0640U, 0604U, 0660U, 0601U}) {
    ::chmod(path().c_str(), mode);
    const auto loaded = SigningKey::load_or_make(path(), kOrigin);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::forbidden);
  }
  ::chmod(path().c_str(), 0400);
  EXPECT_TRUE(SigningKey::load_or_make(path(), kOrigin));
}

TEST_F(SigningKeyFile, IsNeverReplacedWhenItCannotBeRead) {
  { std::ofstream(path()) << "-----BEGIN PRIVATE KEY-----\nnonsense\n"; }
  ::chmod(path().c_str(), 0600);
  EXPECT_EQ(SigningKey::load_or_make(path(), kOrigin).error().code, ErrorCode::corrupt);
  EXPECT_EQ(std::filesystem::file_size(path()), 37U);
  EXPECT_EQ(SigningKey::load((folder_ / "none").string(), kOrigin).error().code, ErrorCode::not_found);
}

TEST_F(SigningKeyFile, RefusesAnOriginThatCannotStandInANote) {
  for (const char* origin : {"", "a b", "a+b", "a\nb", "\xFF"})
    EXPECT_EQ(SigningKey::load_or_make(path(), origin).error().code, ErrorCode::invalid);
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(SigningKeyFile, SaysWhereItCouldNotWrite) {
  const auto made = SigningKey::load_or_make((folder_ / "no-such-folder" / "log.key").string(), kOrigin);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().where.find("no-such-folder"), std::string::npos);
}

}  // namespace
}  // namespace fabu::audit
