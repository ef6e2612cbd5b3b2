#include "broker/http/batch_reader.h"

#include <algorithm>
#include <utility>

namespace fabu::http {
namespace {

constexpr std::uint64_t kMostSkipped = 1ULL << 30;  // a length beyond this is no length

// The value and size of a varint; size 0 = more bytes are needed, nothing = it is none.
std::optional<std::pair<std::uint64_t, std::size_t>> varint(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
    if (byte < 0x80) return std::pair(value, i + 1);
  }
  if (bytes.size() >= 10) return std::nullopt;
  return std::pair(std::uint64_t{0}, std::size_t{0});
}

}  // namespace

void BatchReader::feed(std::string_view bytes) {
  if (over_) return;
  if (skip_ > 0) {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
    bytes.remove_prefix(skipped);
    skip_ -= skipped;
  }
  if (at_ > 0) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_.append(bytes);
}

std::optional<BatchReader::Entry> BatchReader::next() {
  if (over_) return std::nullopt;
  return form_ == Form::lines ? next_line() : next_delimited();
}

std::optional<BatchReader::Entry> BatchReader::next_line() {
  for (;;) {
    const auto text = rest();
    const auto end = text.find('\n');
    if (end == std::string_view::npos && !ended_) {
      if (text.size() > most_) {  // told when the line ends; its bytes are not kept
        skip_line_ = true;
        at_ = buffer_.size();
      }
      return std::nullopt;
    }
    auto line = text.substr(0, end);
    at_ += std::min(line.size() + 1, text.size());
    if (std::exchange(skip_line_, false)) return too_large();
    if (text.empty()) return std::nullopt;
    if (line.size() > most_) return too_large();
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_not_of(" \t") != std::string_view::npos) return Entry{std::string(line), {}, false};
  }
}

std::optional<BatchReader::Entry> BatchReader::next_delimited() {
  if (skip_ > 0) return ended_ ? std::optional(broken("The batch ends within a submission.")) : std::nullopt;
  const auto bytes = rest();
  if (bytes.empty()) return std::nullopt;
  const auto length = varint(bytes);
  if (!length || length->first > kMostSkipped) return broken("There is no length where the next submission's must be.");
  const auto [size, used] = *length;
  if (used > 0 && size > most_) {
    const auto here = std::min<std::uint64_t>(size, bytes.size() - used);
    at_ += used + static_cast<std::size_t>(here);
    skip_ = size - here;
    return too_large();
  }
  if (used == 0 || bytes.size() - used < size)
    return ended_ ? std::optional(broken("The batch ends within a submission.")) : std::nullopt;
  at_ += used + static_cast<std::size_t>(size);
  return Entry{std::string(bytes.substr(used, static_cast<std::size_t>(size))), {}, false};
}

BatchReader::Entry BatchReader::too_large() const {
  return {{},
          Error{ErrorCode::too_large,
                "",
                "The submission has more than " + std::to_string(most_) + " bytes.",
                "Send large files as attachments.",
                {}},
          false};
}

BatchReader::Entry BatchReader::broken(std::string what) {
  over_ = true;
  buffer_.clear();
  at_ = 0;
  return {{},
          Error{ErrorCode::malformed,
                "",
                std::move(what),
                "Write each serialised item after its length as a varint, and send the batch whole.",
                {}},
          true};
}

}  // namespace fabu::http
