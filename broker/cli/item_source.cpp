#include "broker/cli/item_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <iterator>
#include <sstream>

#include "broker/cli/item_text.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

std::string format_of(const fs::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".json") return "json";
  if (extension == ".ndjson" || extension == ".jsonl") return "ndjson";
  if (extension == ".pb" || extension == ".binpb") return "protobuf";
  return {};
}

// By the first byte that is not blank. A serialised Item begins with its department's tag and length, never with a brace: the
// length of a department code is at most 32.
std::string sniff(const std::string& bytes) {
  const auto first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || (bytes[first] != '{' && bytes[first] != '[')) return "protobuf";
  if (bytes[first] == '[') return "json";
  // An object a line, or one object over many lines: the first line decides.
  const auto end = bytes.find('\n', first);
  const auto close = bytes.find_last_not_of(" \t\r", end == std::string::npos ? bytes.size() - 1 : end - 1);
  const bool more = end != std::string::npos && bytes.find_first_not_of(" \t\r\n", end) != std::string::npos;
  return more && close != std::string::npos && close > first && bytes[close] == '}' ? "ndjson" : "json";
}

void add_folder(const fs::path& folder, std::deque<fs::path>& files) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  for (const auto& entry : entries) {
    const std::string name = entry.filename().string();
    if (name.front() == '.') continue;
    if (fs::is_directory(entry)) {
      if (name != "attachments") add_folder(entry, files);
    } else if (!format_of(entry).empty()) {
      files.push_back(entry);
    }
  }
}

bool blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

}  // namespace

Result<ItemSource> ItemSource::open(const std::vector<std::string>& paths, std::istream& in) {
  ItemSource source(in);
  for (const auto& path : paths) {
    std::error_code ec;
    if (path == "-" || fs::is_regular_file(path, ec) || fs::is_fifo(path, ec)) {
      source.files_.push_back(path);
    } else if (fs::is_directory(path, ec)) {
      try {
        add_folder(path, source.files_);
      } catch (const fs::filesystem_error& error) {
        return Error{ErrorCode::io, path, error.what(), "check the folder's permissions", {}};
      }
    } else {
      return Error{ErrorCode::io, path, "there is no such file or folder", "check the path", {}};
    }
  }
  return source;
}

std::optional<Result<Submission>> ItemSource::next() {
  while (ready_.empty() && lines_left_ == 0) {
    if (files_.empty()) return std::nullopt;
    const fs::path file = files_.front();
    files_.pop_front();
    read_file(file);
  }
  ++taken_;
  if (ready_.empty()) return next_line();
  auto one = std::move(ready_.front());
  ready_.pop_front();
  return one;
}

void ItemSource::read_file(const fs::path& file) {
  if (file == "-") {
    std::string bytes((std::istreambuf_iterator<char>(*in_)), std::istreambuf_iterator<char>());
    const std::string format = sniff(bytes);
    read_whole("-", ".", std::move(bytes), format);
    return;
  }
  const std::string format = format_of(file);
  std::ifstream stream(file, std::ios::binary);
  if (format == "ndjson") {
    // Read line by line, twice: such files may be larger than memory.
    std::string line;
    while (std::getline(stream, line)) lines_left_ += blank(line) ? 0 : 1;
    lines_ = std::ifstream(file, std::ios::binary);
    lines_file_ = file;
    line_ = 0;
    return;
  }
  std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) {
    ready_.push_back(Error{ErrorCode::io, file.string(), "cannot be read", "check that it is a readable file", {}});
    return;
  }
  const std::string decided = format.empty() ? sniff(bytes) : format;
  read_whole(file.string(), file.parent_path(), std::move(bytes), decided);
}

void ItemSource::read_whole(const std::string& name, const fs::path& beside, std::string bytes, const std::string& format) {
  if (bytes.empty()) {
    ready_.push_back(Error{ErrorCode::malformed, name, "is empty", "put an item in it", {}});
  } else if (format == "ndjson") {
    read_lines(name, beside, bytes);
  } else {
    auto all = format == "json" ? from_json_file(name, beside, std::move(bytes)) : from_protobuf(name, beside, std::move(bytes));
    std::move(all.begin(), all.end(), std::back_inserter(ready_));
  }
}

void ItemSource::read_lines(const std::string& name, const fs::path& beside, const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (!blank(line)) ready_.push_back(from_json(fmt::format("{}:{}", name, number), beside, line));
  }
}

Result<Submission> ItemSource::next_line() {
  std::string line;
  do {
    ++line_;
    if (!std::getline(lines_, line)) {
      lines_left_ = 0;
      return Error{ErrorCode::io, lines_file_.string(), "became shorter while it was read", "send it again", {}};
    }
  } while (blank(line));
  --lines_left_;
  return from_json(fmt::format("{}:{}", lines_file_.string(), line_), lines_file_.parent_path(), line);
}

}  // namespace fabu::cli
