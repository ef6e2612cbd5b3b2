// Full-text search of the public site, newest first.
//
// Cost: items are looked at in windows of publication order, newest first, and counting stops at kMostHits or when the time
// budget is spent (kBudget, kMostTime); so a common word costs what its newest thousand hits cost, and a rare one what its own
// list costs, whatever the number of items. `capped` says that there are more. Facets are counted over those hits.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/website/options.h"
#include "adapters/website/pages.h"
#include "adapters/website/search_terms.h"
#include "adapters/website/site_index.h"

namespace fabu::website {

struct SearchQuery {         // every member has a default, so that callers name only what they ask for
  std::string q{};           // anything; the first 100 characters count
  std::string entry{};       // code of a catalogue entry; empty = all
  std::string department{};  // code; empty = all
  std::string year{};        // of first publication, four digits; empty = all
  std::uint64_t page = 1;    // from 1
};

struct SearchHit {
  ItemRow item;
  std::vector<Piece> title, text;
};

struct FacetValue {
  std::string code, name;
  std::uint64_t count = 0;
};

struct Facet {
  std::string name;                // parameter: entry, department, year
  std::vector<FacetValue> values;  // most frequent first, at most 20
};

struct SearchPage {
  SearchQuery query;  // as it was understood
  std::uint64_t total = 0;
  bool capped = false;  // there are more than `total`
  std::vector<SearchHit> hits;
  std::vector<Facet> facets;
};

// Thread-safe: every call uses a read-only connection of its own, kept for the next. Throws DatabaseError when the index cannot
// be read; no query makes it throw.
class SiteSearch {
 public:
  // The index must exist: make the WebsiteChannel first.
  explicit SiteSearch(const WebsiteOptions& options);
  ~SiteSearch();

  SearchPage search(const SearchQuery& query);
  // The whole page /search, and the same as JSON (application/json).
  std::string render_page(const SearchQuery& query);
  std::string render_json(const SearchQuery& query);

  static constexpr std::uint64_t kMostHits = 1'000;
  static constexpr std::uint64_t kHitsOnPage = 10;
  // Where common words seldom stand together the newest items can hold few hits: after kBudget the search goes on only until it
  // has the page that was asked for, and ends at kMostTime whatever it has. Either way `capped` says so.
  static constexpr std::chrono::milliseconds kBudget{30}, kMostTime{300};

 private:
  std::unique_ptr<Connection> borrow();
  void give_back(std::unique_ptr<Connection> connection);
  std::vector<std::int64_t> find(Connection& db, const std::string& expression, std::uint64_t needed, bool& capped) const;
  std::vector<Facet> count(Connection& db, const std::vector<std::int64_t>& found) const;

  std::filesystem::path file_;
  Pages pages_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_; at most 8
};

}  // namespace fabu::website
