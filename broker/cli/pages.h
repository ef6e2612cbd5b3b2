// Lists that the API gives page by page: asks for the next one until enough is printed or the end is reached.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "broker/cli/doorway.h"

namespace fabu::cli {

// Query parameters in the order given; empty values are left out.
class Query {
 public:
  Query& with(const std::string& name, const std::string& value) {
    if (!value.empty()) text_ += (text_.empty() ? "?" : "&") + name + "=" + percent_encode(value);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

inline constexpr std::uint64_t kPage = 100;

// `use(list)` is called for every page of type List (with a `next` field); gives how many entries it held. Ends after `limit`
// entries (0 = all). False when an answer was not a success; that was said.
template <typename List, typename Use>
bool read_pages(Context& context, Door& door, const std::string& path, const Query& query, std::uint64_t limit, Use use) {
  std::uint64_t seen = 0;
  std::string after;
  do {
    const std::uint64_t want = limit == 0 ? kPage : std::min(kPage, limit - seen);
    Query page = query;
    page.with("limit", std::to_string(want)).with("after", after);
    List list;
    if (!ask(context, door, "GET", path + page.text(), nullptr, list)) return false;
    const std::uint64_t got = use(list);
    seen += got;
    if (got == 0 || list.next() == after) return true;
    after = list.next();
  } while (!after.empty() && (limit == 0 || seen < limit));
  return true;
}

}  // namespace fabu::cli
