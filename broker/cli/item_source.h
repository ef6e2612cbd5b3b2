// Where `fabu submit` takes items from: JSON, NDJSON and protobuf files, folders of them, standard input.
#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "broker/domain/result.h"
#include "proto/fabu/digest.h"

namespace fabu::cli {

// A file that an item's attachment was found to be.
struct AttachmentFile {
  std::size_t index = 0;  // of the attachment in its item
  Digest digest;
  std::filesystem::path path;
};

// One item as it goes over the wire.
struct Submission {
  std::string name;  // "a.json", "a.ndjson:3", "a.json[2]", "-:1"
  std::string body;
  std::string content_type;  // application/json or application/x-protobuf
  bool correction = false;   // asks to replace an earlier edition, so it must not overtake it
  std::vector<AttachmentFile> files;
};

// Reads one item after another. What cannot be read is an Error whose `where` is its name, and reading goes on after it.
// Attachments are looked for beside the item's file, in attachments/NAME and then NAME: digest and size are filled in where the
// item has none, and an Error when they contradict it. Not thread-safe.
//
// Formats by name: .json (an item or an array), .ndjson and .jsonl (an item a line), .pb and .binpb (an Item, or
// length-delimited Items). Other names and standard input are told apart by their bytes. Folders are read in the order of
// names, recursively; only those names, no hidden files, and nothing below a folder called attachments.
class ItemSource {
 public:
  // Fails (io) when a path is not there. `in` is read for "-".
  static Result<ItemSource> open(const std::vector<std::string>& paths, std::istream& in);

  std::optional<Result<Submission>> next();
  // Items that are known of so far: read, waiting, and at least one for each file not yet opened.
  std::size_t known() const { return taken_ + ready_.size() + files_.size() + lines_left_; }

 private:
  explicit ItemSource(std::istream& in) : in_(&in) {}
  void read_file(const std::filesystem::path& file);
  void read_whole(const std::string& name, const std::filesystem::path& beside, std::string bytes, const std::string& format);
  void read_lines(const std::string& name, const std::filesystem::path& beside, const std::string& text);
  Result<Submission> next_line();

  std::istream* in_;
  std::deque<std::filesystem::path> files_;  // "-" is standard input
  std::deque<Result<Submission>> ready_;
  std::ifstream lines_;  // the NDJSON file being read
  std::filesystem::path lines_file_;
  std::size_t line_ = 0, lines_left_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace fabu::cli
