// The request target taken apart: percent-decoding, path segments, query parameters (RFC 3986). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fabu::http {

// "%E5%85%AC" → "公". Nothing when an escape is broken or stands for NUL. '+' is left alone.
std::optional<std::string> percent_decode(std::string_view text);

// Everything but the unreserved characters of RFC 3986 as %XX.
std::string percent_encode(std::string_view text);

// "/v1/items/5" → {"v1", "items", "5"}, still encoded; "/a/" → {"a", ""}. `path` begins with '/'.
std::vector<std::string_view> path_segments(std::string_view path);

// Query parameters in the order given. At most 64; more are a broken query.
class Query {
 public:
  // `text` is what follows '?'; '+' means a space. Nothing when an escape is broken.
  static std::optional<Query> parse(std::string_view text);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  // The first value of that name; empty when absent or empty.
  std::string get(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return parameters_; }

 private:
  const std::string* find(std::string_view name) const;

  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace fabu::http
