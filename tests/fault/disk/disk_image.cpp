#include "fault/disk/disk_image.h"

#include <algorithm>
#include <random>

namespace fabu::store {

void DiskImage::apply(std::string& content, const Change& change) {
  switch (change.kind) {
    case Kind::write:
      if (content.size() < change.at + change.bytes.size()) content.resize(change.at + change.bytes.size());
      content.replace(change.at, change.bytes.size(), change.bytes);
      return;
    case Kind::truncate:
      content.resize(change.at);
      return;
    case Kind::remove:
      content.clear();
      return;
  }
}

void DiskImage::write(const std::string& file, std::uint64_t offset, std::string_view bytes) {
  files_[file].waiting.push_back({Kind::write, offset, std::string(bytes)});
}

void DiskImage::truncate(const std::string& file, std::uint64_t size) {
  files_[file].waiting.push_back({Kind::truncate, size, {}});
}

void DiskImage::remove(const std::string& file) {
  files_[file].waiting.push_back({Kind::remove, 0, {}});
}

void DiskImage::sync(const std::string& file) {
  auto& [durable, waiting] = files_[file];
  for (const auto& change : waiting) apply(durable, change);
  waiting.clear();
}

void DiskImage::sync_folder() {
  for (auto& [name, file] : files_) {
    const auto last =
        std::find_if(file.waiting.rbegin(), file.waiting.rend(), [](const Change& c) { return c.kind == Kind::remove; });
    if (last == file.waiting.rend()) continue;
    file.durable.clear();
    file.waiting.erase(file.waiting.begin(), last.base());
  }
}

void DiskImage::fail_sync(const std::string& file) {
  std::erase_if(files_[file].waiting, [](const Change& change) { return change.kind == Kind::write; });
}

bool DiskImage::unsynced(const std::string& file) const {
  const auto found = files_.find(file);
  return found != files_.end() && !found->second.waiting.empty();
}

std::map<std::string, std::string> DiskImage::after_crash(Survival survival, std::uint64_t seed) const {
  std::mt19937_64 random(seed);
  std::map<std::string, std::string> left;
  for (const auto& [name, file] : files_) {
    std::string content = file.durable;
    for (const auto& change : file.waiting) {
      const bool survives = survival == Survival::kept || (survival == Survival::torn && random() % 2 == 0);
      // What was written after a truncation or into the file that took a removed one's place needs that to have happened.
      if (!survives && change.kind != Kind::write) break;
      if (survives) apply(content, change);
    }
    if (!content.empty()) left[name] = std::move(content);
  }
  return left;
}

}  // namespace fabu::store
