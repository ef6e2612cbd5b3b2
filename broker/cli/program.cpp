#include "broker/cli/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sstream>

namespace fabu::cli {
namespace fs = std::filesystem;

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// The last words of what a program complained.
std::string last_words(std::FILE* said) {
  std::string text;
  std::array<char, 4096> piece{};
  std::rewind(said);
  while (const auto got = std::fread(piece.data(), 1, piece.size(), said)) text.append(piece.data(), got);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.size() > 1000 ? "…" + text.substr(text.size() - 1000) : text;
}

void read_all(int fd, const std::function<void(std::string_view)>& out) {
  std::array<char, 1 << 16> piece{};
  for (;;) {
    const auto got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    if (out) out({piece.data(), static_cast<std::size_t>(got)});
  }
}

unsigned version_of(const fs::path& folder) {
  return static_cast<unsigned>(std::strtoul(folder.filename().c_str(), nullptr, 10));
}

}  // namespace

std::optional<std::string> postgres_program(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto file = folder + "/" + name;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  std::vector<fs::path> versions;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none)) versions.push_back(entry.path());
  std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) { return version_of(a) > version_of(b); });
  for (const auto& version : versions) {
    const auto file = (version / "bin" / name).string();
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return std::nullopt;
}

Result<void> run_program(const std::vector<std::string>& words, const std::function<void(std::string_view)>& out) {
  const auto failed = [&](const std::string& what) { return Error{ErrorCode::io, words.front(), what, {}, {}}; };
  const std::unique_ptr<std::FILE, CloseFile> complaints(std::tmpfile());
  std::array<int, 2> pipe{};
  if (!complaints || ::pipe2(pipe.data(), O_CLOEXEC) != 0) return failed(std::strerror(errno));
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(complaints.get()), STDERR_FILENO);
  pid_t child = 0;
  const int code = ::posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (code == 0) read_all(pipe[0], out);
  ::close(pipe[0]);
  if (code != 0) return failed(std::strerror(code));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return failed(last_words(complaints.get()));
}

}  // namespace fabu::cli
