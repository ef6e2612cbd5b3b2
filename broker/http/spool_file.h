// A temporary copy of what is being received, removed with its owner.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string_view>

#include "broker/domain/result.h"

namespace fabu::http {

// Blocking; one thread at a time.
class SpoolFile {
 public:
  static Result<SpoolFile> make(const std::filesystem::path& folder);
  SpoolFile(SpoolFile&& other) noexcept;
  SpoolFile& operator=(SpoolFile&& other) noexcept;
  ~SpoolFile();

  Result<void> append(std::string_view bytes);
  Result<void> flush();
  const std::filesystem::path& path() const { return path_; }

 private:
  SpoolFile(std::FILE* file, std::filesystem::path path) : file_(file), path_(std::move(path)) {}

  std::FILE* file_ = nullptr;
  std::filesystem::path path_;
};

}  // namespace fabu::http
