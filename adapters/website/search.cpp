#include "adapters/website/search.h"

#include <algorithm>
#include <map>
#include <utility>

#include "adapters/website/tokenizer.h"

namespace fabu::website {
namespace {

constexpr std::int64_t kWindow = 16'384;  // items looked at between two looks at the time
constexpr std::size_t kIdleConnections = 8;
constexpr std::size_t kSnippetCharacters = 110;
constexpr std::size_t kFacetValues = 20;

using Counts = std::map<std::string, FacetValue>;

Facet most_frequent(std::string name, Counts counts) {
  Facet facet{std::move(name), {}};
  for (auto& [code, value] : counts) facet.values.push_back(std::move(value));
  std::stable_sort(facet.values.begin(), facet.values.end(),
                   [](const FacetValue& a, const FacetValue& b) { return a.count > b.count; });
  if (facet.values.size() > kFacetValues) facet.values.resize(kFacetValues);
  return facet;
}

void add(Counts& counts, const std::string& code, const std::string& name) {
  FacetValue& value = counts[code];
  value.code = code;
  value.name = name;
  ++value.count;
}

// Codes are tokens of ours: what cannot be one finds nothing rather than everything.
std::vector<std::string> filters_of(const SearchQuery& q) {
  std::vector<std::string> filters;
  if (!q.entry.empty()) filters.push_back(filter_token("ze", q.entry));
  if (!q.department.empty()) filters.push_back(filter_token("zd", q.department));
  if (!q.year.empty()) filters.push_back(filter_token("zy", q.year));
  return filters;
}

std::string bounded(std::string text) {
  if (text.size() > 64) text.resize(64);
  return clean_query(text);
}

}  // namespace

SiteSearch::SiteSearch(const WebsiteOptions& options) : file_(index_file(options)), pages_(options) {
  give_back(borrow());
}

SiteSearch::~SiteSearch() = default;

std::unique_ptr<Connection> SiteSearch::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  auto connection = std::make_unique<Connection>(file_, Connection::Mode::read_only);
  register_tokenizer(connection->raw());
  connection->script("PRAGMA cache_size=-8192; PRAGMA mmap_size=1073741824;");
  return connection;
}

void SiteSearch::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleConnections) idle_.push_back(std::move(connection));
}

std::vector<std::int64_t> SiteSearch::find(Connection& db, const std::string& expression, std::uint64_t needed,
                                           bool& capped) const {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::int64_t> found;
  auto newest = db("SELECT max(seq) FROM items");
  newest.row();
  for (std::int64_t high = newest.integer_at(0); high > 0; high -= kWindow) {
    const auto spent = std::chrono::steady_clock::now() - begin;
    if (spent > kMostTime || (spent > kBudget && found.size() >= needed)) {
      capped = true;
      break;
    }
    auto s = db("SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?");
    s.text(expression).integer(high - kWindow + 1).integer(high);
    s.integer(static_cast<std::int64_t>(kMostHits + 1 - found.size()));
    while (s.row()) found.push_back(s.integer_at(0));
    if (found.size() > kMostHits) {
      capped = true;
      found.pop_back();
      break;
    }
  }
  return found;
}

std::vector<Facet> SiteSearch::count(Connection& db, const std::vector<std::int64_t>& found) const {
  Counts entries, departments, years;
  for (const std::int64_t seq : found) {
    auto s = db("SELECT entry,entry_name,department,department_name,substr(month,1,4) FROM items WHERE seq=?");
    s.integer(seq);
    if (!s.row()) continue;
    add(entries, s.text_at(0), s.text_at(1));
    add(departments, s.text_at(2), s.text_at(3));
    add(years, s.text_at(4), s.text_at(4));
  }
  Facet by_year = most_frequent("year", std::move(years));
  std::sort(by_year.values.begin(), by_year.values.end(), [](const auto& a, const auto& b) { return a.code > b.code; });
  return {most_frequent("entry", std::move(entries)), most_frequent("department", std::move(departments)), std::move(by_year)};
}

SearchPage SiteSearch::search(const SearchQuery& asked) {
  SearchPage page;
  page.query = {clean_query(asked.q), bounded(asked.entry), bounded(asked.department), bounded(asked.year),
                std::clamp<std::uint64_t>(asked.page, 1, kMostHits / kHitsOnPage)};
  const SearchTerms terms = search_terms(page.query.q, filters_of(page.query));
  if (terms.expression.empty()) return page;
  auto db = borrow();
  {
    db->script("BEGIN");  // one snapshot, so that what was found can be read
    const auto found = find(*db, terms.expression, page.query.page * kHitsOnPage, page.capped);
    page.total = found.size();
    page.facets = count(*db, found);
    const std::uint64_t first = (page.query.page - 1) * kHitsOnPage;
    for (std::uint64_t i = first; i < std::min<std::uint64_t>(first + kHitsOnPage, found.size()); ++i) {
      auto item = (*db)("SELECT " FABU_WEBSITE_ITEM_COLUMNS " FROM items WHERE seq=?");
      auto text = (*db)("SELECT body FROM texts WHERE seq=?");
      if (!item.integer(found[i]).row() || !text.integer(found[i]).row()) continue;
      SearchHit hit{read_item(item), {}, {}};
      hit.title = mark_terms(hit.item.title, terms.terms);
      hit.text = snippet(text.text_at(0), terms.terms, kSnippetCharacters);
      page.hits.push_back(std::move(hit));
    }
    db->script("COMMIT");
  }
  give_back(std::move(db));
  return page;
}

}  // namespace fabu::website
