// Go's own packages for its checksum database accept our log. Needs Debian's golang-go and golang-golang-x-mod-dev.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "temp_folder.h"
#include "unit/audit/sample_log.h"

namespace fabu::audit {
namespace {

std::pair<int, std::string> run(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::string said;
  char buffer[512];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) said += buffer;
  return {WEXITSTATUS(::pclose(pipe)), said};
}

TEST(GoCheck, AcceptsALogOfSeveralTilesAndNamesARecordThatWasChanged) {
  if (run("command -v go").first != 0 || !std::filesystem::exists("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")) {
    GTEST_SKIP() << "apt-get install golang-go golang-golang-x-mod-dev";
  }
  const TempFolder folder(TempFolder::Place::disk);
  const std::string name = folder.path().string();
  auto files = long_log(600).files();
  const auto write = [&] {
    for (const auto& [path, bytes] : files) {
      std::filesystem::create_directories((folder / "log" / path).parent_path());
      std::ofstream(folder / "log" / path, std::ios::binary) << bytes;
    }
  };
  write();
  const auto built = run("GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE='" + name + "/cache' go build -o '" + name +
                         "/check' '" FABU_SOURCE_DIR "/tests/integration/audit/go_check/main.go'");
  ASSERT_EQ(built.first, 0) << built.second;
  const std::string check = "'" + name + "/check' '" + name + "/log' '" + log_key().verifier_text() + "'";
  EXPECT_EQ(run(check), std::make_pair(0, std::string("verified: 600 records\n")));
  files["tile/entries/001"][9] ^= 1;
  write();
  EXPECT_EQ(run(check), std::make_pair(1, std::string("NOT VERIFIED: record 256: invalid transparency proof\n")));
}

}  // namespace
}  // namespace fabu::audit
