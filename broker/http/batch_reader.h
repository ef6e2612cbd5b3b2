// Cuts a batch into its submissions as its bytes arrive: NDJSON, or protobuf messages each after its length as a varint. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/domain/result.h"

namespace fabu::http {

// Holds at most one submission and what was fed with it. Not thread-safe.
//
//   reader.feed(piece);  while (auto entry = reader.next()) …;   at the end: reader.end(), and the loop once more
class BatchReader {
 public:
  enum class Form { lines, delimited };
  // One submission, or why it could not be taken; the ones after it can be read all the same unless `last`.
  struct Entry {
    std::string bytes;
    std::optional<Error> fault;
    bool last = false;
  };

  BatchReader(Form form, std::size_t most_bytes) : form_(form), most_(most_bytes) {}

  void feed(std::string_view bytes);
  // No more bytes will come.
  void end() { ended_ = true; }
  // The next one, in order; nothing when more bytes are needed or all is read. Blank lines are skipped. Longer than `most_bytes`:
  // too_large, its bytes are skipped. Cut short or no length where one must be: malformed, and the last.
  std::optional<Entry> next();

 private:
  std::optional<Entry> next_line();
  std::optional<Entry> next_delimited();
  std::string_view rest() const { return std::string_view(buffer_).substr(at_); }
  Entry too_large() const;
  Entry broken(std::string what);

  Form form_;
  std::size_t most_;
  std::string buffer_;
  std::size_t at_ = 0;      // of the first byte that was not used
  std::uint64_t skip_ = 0;  // bytes of a delimited submission that is too large
  bool skip_line_ = false;
  bool ended_ = false, over_ = false;
};

}  // namespace fabu::http
