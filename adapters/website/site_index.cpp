#include "adapters/website/site_index.h"

#include <utility>

#include "adapters/website/tokenizer.h"

namespace fabu::website {
namespace {

#define ITEM_COLUMNS FABU_WEBSITE_ITEM_COLUMNS

// `places` of an item are NULL once it has left a list. `texts` is what `words` (FTS5) reads back when a text is replaced.
constexpr const char* kSchema = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE items(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, item_id INTEGER NOT NULL UNIQUE, edition INTEGER NOT NULL, state INTEGER NOT NULL,
  corrected INTEGER NOT NULL, title TEXT NOT NULL, summary TEXT NOT NULL, doc_no TEXT NOT NULL, index_no TEXT NOT NULL,
  project_code TEXT NOT NULL, entry TEXT NOT NULL, entry_name TEXT NOT NULL, domain TEXT NOT NULL, domain_name TEXT NOT NULL,
  department TEXT NOT NULL, department_name TEXT NOT NULL, month TEXT NOT NULL, published_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL, reason TEXT NOT NULL, reference TEXT NOT NULL, changed INTEGER NOT NULL,
  entry_place INTEGER, department_place INTEGER, month_place INTEGER);
CREATE INDEX items_by_index_no ON items(index_no);
CREATE INDEX items_by_reference ON items(department, reference);
CREATE INDEX items_by_entry ON items(entry, entry_place) WHERE entry_place IS NOT NULL;
CREATE INDEX items_by_department ON items(department, department_place) WHERE department_place IS NOT NULL;
CREATE INDEX items_by_month ON items(month, month_place) WHERE month_place IS NOT NULL;
CREATE INDEX items_by_change ON items(changed) WHERE state=1;
CREATE TABLE editions(
  item_id INTEGER NOT NULL, number INTEGER NOT NULL, delivery_id TEXT NOT NULL UNIQUE, action INTEGER NOT NULL,
  published_ms INTEGER NOT NULL, page_digest BLOB NOT NULL, content_digest BLOB NOT NULL, work BLOB NOT NULL, files INTEGER NOT NULL,
  PRIMARY KEY(item_id, number));
CREATE TABLE lists(
  kind INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, domain TEXT NOT NULL, places INTEGER NOT NULL, live INTEGER NOT NULL,
  PRIMARY KEY(kind, code)) WITHOUT ROWID;
CREATE TABLE marks(page TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters VALUES('changed',0),('listed',0);
CREATE TABLE texts(seq INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, facts TEXT NOT NULL, characters TEXT NOT NULL,
  filters TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(title, body, facts, characters, filters,
  content='texts', content_rowid='seq', columnsize=0, tokenize='fabu');
PRAGMA user_version=1;
)sql";

constexpr std::array kKinds{ListKind::entry, ListKind::department, ListKind::month};

const std::string& code_of(ListKind kind, const ItemRow& row) {
  return kind == ListKind::entry ? row.entry : kind == ListKind::department ? row.department : row.month;
}

// One of three literals: statements are cached by their text.
const char* by_kind(ListKind kind, const char* entry, const char* department, const char* month) {
  return kind == ListKind::entry ? entry : kind == ListKind::department ? department : month;
}

std::string page_mark(ListKind kind, std::string_view code, std::uint64_t page) {
  return std::string(list_name(kind)) + "/" + std::string(code) + "/" + std::to_string(page);
}

std::optional<ItemRow> one(Statement statement) {
  if (!statement.row()) return std::nullopt;
  return read_item(statement);
}

std::optional<EditionRow> one_edition(Statement s) {
  if (!s.row()) return std::nullopt;
  return EditionRow{static_cast<std::uint64_t>(s.integer_at(0)),
                    static_cast<std::uint32_t>(s.integer_at(1)),
                    s.text_at(2),
                    static_cast<v1::Action>(s.integer_at(3)),
                    s.integer_at(4),
                    s.text_at(5),
                    s.text_at(6),
                    s.text_at(7),
                    s.integer_at(8)};
}

}  // namespace

ItemRow read_item(const Statement& s) {
  ItemRow row;
  row.seq = s.integer_at(0);
  row.item_id = static_cast<std::uint64_t>(s.integer_at(1));
  row.edition = static_cast<std::uint32_t>(s.integer_at(2));
  row.state = static_cast<ItemState>(s.integer_at(3));
  row.corrected = s.integer_at(4) != 0;
  std::string* const texts[] = {&row.title,        &row.summary,    &row.doc_no,          &row.index_no,
                                &row.project_code, &row.entry,      &row.entry_name,      &row.domain,
                                &row.domain_name,  &row.department, &row.department_name, &row.month};
  int column = 5;
  for (std::string* text : texts) *text = s.text_at(column++);
  row.published_ms = s.integer_at(17);
  row.updated_ms = s.integer_at(18);
  row.reason = s.text_at(19);
  return row;
}

std::string filter_token(std::string_view kind, std::string_view code) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string token(kind);
  for (const char c : code) {
    token += digits[static_cast<unsigned char>(c) >> 4U];
    token += digits[static_cast<unsigned char>(c) & 15U];
  }
  token += 'z';  // no hexadecimal digit: the beginnings of this word are not other codes
  // Words are cut at kLongestWord characters; a long code keeps its end apart by a second token, which the phrase joins.
  for (std::size_t at = kLongestWord; at < token.size(); at += kLongestWord + 1) token.insert(at, " ");
  return token;
}

SiteIndex::SiteIndex(const std::filesystem::path& file, std::size_t page_size, bool sync)
    : db_(file, Connection::Mode::read_write) {
  db_.script("PRAGMA journal_mode=WAL; PRAGMA cache_size=-16384; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;");
  db_.script(sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
  register_tokenizer(db_.raw());
  auto version = db_("PRAGMA user_version");
  version.row();
  if (version.integer_at(0) == 0) create(page_size);
  auto size = db_("SELECT value FROM meta WHERE name='page_size'");
  if (!size.row()) throw DatabaseError(SQLITE_CORRUPT, "site index " + file.string() + " has no page size");
  page_size_ = static_cast<std::size_t>(size.integer_at(0));
}

void SiteIndex::create(std::size_t page_size) {
  Transaction transaction(db_);
  db_.script(kSchema);
  db_("INSERT INTO meta VALUES('page_size',?)").integer(static_cast<std::int64_t>(page_size)).run();
  mark("home");
  mark("feeds");
  mark("sitemap/0");
  transaction.commit();
}

std::optional<ItemRow> SiteIndex::item(std::uint64_t item_id) {
  return one(std::move(db_("SELECT " ITEM_COLUMNS " FROM items WHERE item_id=?").integer(static_cast<std::int64_t>(item_id))));
}

std::optional<ItemRow> SiteIndex::by_index_no(std::string_view index_no) {
  return one(
      std::move(db_("SELECT " ITEM_COLUMNS " FROM items WHERE index_no=? AND state=1 ORDER BY seq DESC LIMIT 1").text(index_no)));
}

std::optional<ItemRow> SiteIndex::by_reference(std::string_view department, std::string_view reference) {
  return one(std::move(db_("SELECT " ITEM_COLUMNS " FROM items WHERE department=? AND reference=? AND state=1 LIMIT 1")
                           .text(department)
                           .text(reference)));
}

#define EDITION_COLUMNS "item_id,number,delivery_id,action,published_ms,page_digest,content_digest,work,files"

std::optional<EditionRow> SiteIndex::edition(std::uint64_t item_id, std::uint32_t number) {
  return one_edition(std::move(db_("SELECT " EDITION_COLUMNS " FROM editions WHERE item_id=? AND number=?")
                                   .integer(static_cast<std::int64_t>(item_id))
                                   .integer(number)));
}

std::optional<EditionRow> SiteIndex::delivered(std::string_view delivery_id) {
  return one_edition(std::move(db_("SELECT " EDITION_COLUMNS " FROM editions WHERE delivery_id=?").text(delivery_id)));
}

void SiteIndex::put(ItemRow row, const EditionRow& edition, const SearchText& text, std::string_view reference) {
  const auto before = item(row.item_id);
  row.state = ItemState::listed;
  if (before) {
    row.seq = before->seq;
    if (before->state == ItemState::listed) erase_text(row.seq);
    for (const ListKind kind : kKinds) {
      const bool stands = place(kind, row.seq) != 0;
      if (stands && code_of(kind, *before) != code_of(kind, row)) leave(kind, row.seq, code_of(kind, *before));
    }
  }
  write_item(row, reference);
  if (!before) row.seq = sqlite3_last_insert_rowid(db_.raw());
  if (!before || before->state != ItemState::listed) db_("UPDATE counters SET value=value+1 WHERE name='listed'").run();
  for (const ListKind kind : kKinds) {
    if (place(kind, row.seq) == 0) enter(kind, row);
  }
  write_edition(edition);
  write_text(row, text);
  mark_places(row);
}

void SiteIndex::set_page_digest(const EditionRow& e) {
  db_("UPDATE editions SET page_digest=? WHERE item_id=? AND number=?")
      .blob(e.page_digest)
      .integer(static_cast<std::int64_t>(e.item_id))
      .integer(e.number)
      .run();
}

void SiteIndex::withdraw(ItemRow row, const EditionRow& notice) {
  const auto before = item(row.item_id);
  if (before) {
    row.seq = before->seq;
    mark_places(*before);
    for (const ListKind kind : kKinds) {
      if (place(kind, row.seq) != 0) leave(kind, row.seq, code_of(kind, *before));
    }
    if (before->state == ItemState::listed) {
      erase_text(row.seq);
      db_("UPDATE counters SET value=value-1 WHERE name='listed'").run();
    }
    db_("UPDATE editions SET work=x'' WHERE item_id=?").integer(static_cast<std::int64_t>(row.item_id)).run();
  }
  row.state = ItemState::withdrawn;
  write_item(row, "");
  if (!before) row.seq = sqlite3_last_insert_rowid(db_.raw());
  if (!before) mark_places(row);  // its number counts in the sitemaps, though it is in none
  mark("tidy/" + std::to_string(row.item_id));
  write_edition(notice);
}

void SiteIndex::write_item(const ItemRow& row, std::string_view reference) {
  db_("UPDATE counters SET value=value+1 WHERE name='changed'").run();
  const bool known = row.seq != 0;
  auto s =
      known
          ? db_("UPDATE items SET edition=?,state=?,corrected=?,title=?,summary=?,doc_no=?,index_no=?,project_code=?,entry=?,"
                "entry_name=?,domain=?,domain_name=?,department=?,department_name=?,month=?,published_ms=?,updated_ms=?,reason=?,"
                "reference=?,changed=(SELECT value FROM counters WHERE name='changed') WHERE item_id=?")
          : db_("INSERT INTO items(edition,state,corrected,title,summary,doc_no,index_no,project_code,entry,entry_name,domain,"
                "domain_name,department,department_name,month,published_ms,updated_ms,reason,reference,item_id,changed) "
                "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,(SELECT value FROM counters WHERE name='changed'))");
  s.integer(row.edition).integer(static_cast<int>(row.state)).integer(row.corrected ? 1 : 0);
  for (const std::string* text :
       {&row.title, &row.summary, &row.doc_no, &row.index_no, &row.project_code, &row.entry, &row.entry_name, &row.domain,
        &row.domain_name, &row.department, &row.department_name, &row.month}) {
    s.text(*text);
  }
  s.integer(row.published_ms).integer(row.updated_ms).text(row.reason).text(reference);
  s.integer(static_cast<std::int64_t>(row.item_id)).run();
}

void SiteIndex::write_edition(const EditionRow& e) {
  db_("INSERT OR REPLACE INTO editions(" EDITION_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?)")
      .integer(static_cast<std::int64_t>(e.item_id))
      .integer(e.number)
      .text(e.delivery_id)
      .integer(e.action)
      .integer(e.published_ms)
      .blob(e.page_digest)
      .blob(e.content_digest)
      .blob(e.work)
      .integer(e.files)
      .run();
}

void SiteIndex::write_text(const ItemRow& row, const SearchText& text) {
  const std::string characters = distinct_ideographs(text.title + " " + text.body + " " + text.facts);
  const std::string filters =
      filter_token("ze", row.entry) + " " + filter_token("zd", row.department) + " " + filter_token("zy", row.month.substr(0, 4));
  for (const char* sql : {"INSERT INTO texts(seq,title,body,facts,characters,filters) VALUES(?,?,?,?,?,?)",
                          "INSERT INTO words(rowid,title,body,facts,characters,filters) VALUES(?,?,?,?,?,?)"}) {
    db_(sql).integer(row.seq).text(text.title).text(text.body).text(text.facts).text(characters).text(filters).run();
  }
}

void SiteIndex::erase_text(std::int64_t seq) {
  // FTS5 has no copy of the text: it is told what it had indexed (https://www.sqlite.org/fts5.html#external_content_tables).
  db_("INSERT INTO words(words,rowid,title,body,facts,characters,filters) "
      "SELECT 'delete',seq,title,body,facts,characters,filters FROM texts WHERE seq=?")
      .integer(seq)
      .run();
  db_("DELETE FROM texts WHERE seq=?").integer(seq).run();
}

std::int64_t SiteIndex::place(ListKind kind, std::int64_t seq) {
  auto s = db_(by_kind(kind, "SELECT entry_place FROM items WHERE seq=?", "SELECT department_place FROM items WHERE seq=?",
                       "SELECT month_place FROM items WHERE seq=?"));
  s.integer(seq);
  return s.row() ? s.integer_at(0) : 0;
}

std::uint64_t SiteIndex::page_at(std::int64_t place) const {
  return (static_cast<std::uint64_t>(place) - 1) / page_size_ + 1;
}

void SiteIndex::enter(ListKind kind, const ItemRow& row) {
  const std::string& code = code_of(kind, row);
  const std::string& name = kind == ListKind::entry        ? row.entry_name
                            : kind == ListKind::department ? row.department_name
                                                           : row.month;
  db_("INSERT INTO lists VALUES(?,?,?,?,1,1) ON CONFLICT DO UPDATE SET places=places+1,live=live+1,name=excluded.name,"
      "domain=excluded.domain")
      .integer(static_cast<int>(kind))
      .text(code)
      .text(name)
      .text(kind == ListKind::entry ? row.domain : "")
      .run();
  const std::int64_t at = list(kind, code)->places;
  db_(by_kind(kind, "UPDATE items SET entry_place=? WHERE seq=?", "UPDATE items SET department_place=? WHERE seq=?",
              "UPDATE items SET month_place=? WHERE seq=?"))
      .integer(at)
      .integer(row.seq)
      .run();
  const std::uint64_t page = page_at(at);
  const bool first_of_page = (static_cast<std::uint64_t>(at) - 1) % page_size_ == 0;
  if (first_of_page && page > 1) mark(page_mark(kind, code, page - 1));  // it gains its link to the next page
}

void SiteIndex::leave(ListKind kind, std::int64_t seq, std::string_view code) {
  mark(page_mark(kind, code, page_at(place(kind, seq))));
  mark(page_mark(kind, code, 0));
  db_("UPDATE lists SET live=live-1 WHERE kind=? AND code=?").integer(static_cast<int>(kind)).text(code).run();
  db_(by_kind(kind, "UPDATE items SET entry_place=NULL WHERE seq=?", "UPDATE items SET department_place=NULL WHERE seq=?",
              "UPDATE items SET month_place=NULL WHERE seq=?"))
      .integer(seq)
      .run();
}

void SiteIndex::mark_places(const ItemRow& row) {
  mark("home");
  mark("feeds");
  mark("sitemap/0");
  mark("tidy/" + std::to_string(row.item_id));
  mark("sitemap/" + std::to_string((static_cast<std::uint64_t>(row.seq) - 1) / kSitemapUrls + 1));
  for (const ListKind kind : kKinds) {
    const std::int64_t at = place(kind, row.seq);
    if (at == 0) continue;
    mark(page_mark(kind, code_of(kind, row), 0));
    mark(page_mark(kind, code_of(kind, row), page_at(at)));
  }
}

}  // namespace fabu::website
