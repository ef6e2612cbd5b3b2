#include "adapters/website/tokenizer.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <optional>

#include "adapters/website/sqlite.h"

namespace fabu::website {
namespace {

std::optional<RunKind> kind_of(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(c, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
      if (u_isalnum(c) || u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC)) return RunKind::ideographs;
      return std::nullopt;
    default:
      if (u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK) return RunKind::word;
      return std::nullopt;
  }
}

// What a code point is once folded: itself for nearly all, several for a ligature or a unit sign.
class Folding {
 public:
  Folding() {
    UErrorCode error = U_ZERO_ERROR;
    normalizer_ = icu::Normalizer2::getNFKCCasefoldInstance(error);
  }
  template <typename Take>
  void operator()(UChar32 c, Take take) const {
    if (c < 0x80) {
      take(c >= 'A' && c <= 'Z' ? c + 32 : c);
      return;
    }
    if (c >= 0x4E00 && c <= 0x9FFF) {  // the unified ideographs fold to themselves
      take(c);
      return;
    }
    UErrorCode error = U_ZERO_ERROR;
    const icu::UnicodeString folded = normalizer_->normalize(icu::UnicodeString(c), error);
    for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) take(folded.char32At(i));
  }

 private:
  const icu::Normalizer2* normalizer_;
};

std::string utf8(UChar32 c) {
  char bytes[U8_MAX_LENGTH];
  int32_t n = 0;
  U8_APPEND_UNSAFE(bytes, n, c);
  return {bytes, static_cast<std::size_t>(n)};
}

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// A comma at `at` that only groups digits by three: 1,234,567 but not 1,2 or 1,2345.
bool groups_digits(std::string_view text, std::size_t at) {
  if (at == 0 || at + 3 >= text.size() || !digit(text[at - 1])) return false;
  for (std::size_t i = 1; i <= 3; ++i) {
    if (!digit(text[at + i])) return false;
  }
  return at + 4 >= text.size() || !digit(text[at + 4]);
}

using Emit = int (*)(void*, int flags, const char* token, int size, int start, int end);

struct Sink {
  Emit emit;
  void* context;
  int operator()(int flags, const std::string& token, std::size_t start, std::size_t end) const {
    return emit(context, flags, token.data(), static_cast<int>(token.size()), static_cast<int>(start), static_cast<int>(end));
  }
};

int emit_ideographs(const Run& run, bool query, const Sink& sink) {
  const std::size_t n = run.characters.size();
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const int code = sink(0, run.characters[i] + run.characters[i + 1], run.offsets[i], run.offsets[i + 2]);
    if (code != SQLITE_OK) return code;
  }
  if (query && n > 1) return SQLITE_OK;
  return sink(0, run.characters[n - 1], run.offsets[n - 1], run.offsets[n]);
}

int emit_word(const Run& run, bool query, const Sink& sink) {
  const std::size_t n = std::min(run.characters.size(), kLongestWord);
  std::string word;
  for (std::size_t i = 0; i < n; ++i) word += run.characters[i];
  int code = sink(0, word, run.offsets.front(), run.offsets.back());
  if (query) return code;
  std::string beginning = run.characters[0];
  for (std::size_t i = 1; i + 1 < n && code == SQLITE_OK; ++i) {
    beginning += run.characters[i];
    code = sink(FTS5_TOKEN_COLOCATED, beginning, run.offsets.front(), run.offsets.back());
  }
  return code;
}

int tokenize(Fts5Tokenizer*, void* context, int flags, const char* text, int size, Emit emit) {
  const bool query = (flags & FTS5_TOKENIZE_QUERY) != 0;
  const Sink sink{emit, context};
  for (const Run& run : runs_of({text, static_cast<std::size_t>(size)})) {
    const int code = run.kind == RunKind::ideographs ? emit_ideographs(run, query, sink) : emit_word(run, query, sink);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

int create(void*, const char**, int, Fts5Tokenizer** out) {
  static char stateless;
  *out = reinterpret_cast<Fts5Tokenizer*>(&stateless);
  return SQLITE_OK;
}

void destroy(Fts5Tokenizer*) {}

// How SQLite hands out its FTS5 interface: https://www.sqlite.org/fts5.html#extending_fts5
fts5_api* fts5_of(sqlite3* db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* stmt = nullptr;
  if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &stmt, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(stmt);
  }
  sqlite3_finalize(stmt);
  return api;
}

}  // namespace

std::vector<Run> runs_of(std::string_view text) {
  static const Folding fold;
  std::vector<Run> runs;
  bool open = false;  // whether the last run may grow
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    const auto start = static_cast<std::size_t>(at);
    UChar32 c = 0;
    U8_NEXT(bytes, at, size, c);
    if (c == ',' && open && groups_digits(text, start)) continue;
    const auto end = static_cast<std::size_t>(at);
    bool joined = false;
    const auto take = [&](UChar32 folded) {
      const auto kind = folded < 0 ? std::nullopt : kind_of(folded);
      if (!kind) {
        open = false;
        return;
      }
      if (!open || runs.back().kind != *kind) runs.push_back({*kind, {}, {start}});
      Run& run = runs.back();
      run.offsets.back() = run.characters.empty() || joined ? run.offsets.back() : start;
      run.characters.push_back(utf8(folded));
      run.offsets.push_back(end);
      open = joined = true;
    };
    if (c < 0) {
      open = false;
    } else {
      fold(c, take);
    }
  }
  return runs;
}

std::string distinct_ideographs(std::string_view text) {
  std::vector<std::uint32_t> packed;  // UTF-8 of up to four bytes in one number: sorts and compares quickly
  for (const Run& run : runs_of(text)) {
    if (run.kind != RunKind::ideographs) continue;
    for (const std::string& c : run.characters) {
      std::uint32_t bytes = 0;
      for (const char byte : c) bytes = bytes << 8U | static_cast<unsigned char>(byte);
      packed.push_back(bytes);
    }
  }
  std::sort(packed.begin(), packed.end());
  packed.erase(std::unique(packed.begin(), packed.end()), packed.end());
  std::string out;
  for (const std::uint32_t bytes : packed) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      if (const auto byte = static_cast<char>(bytes >> static_cast<unsigned>(shift) & 0xFFU); byte != 0) out += byte;
    }
    out += ' ';
  }
  return out;
}

void register_tokenizer(sqlite3* db) {
  fts5_api* api = fts5_of(db);
  if (api == nullptr) throw DatabaseError(SQLITE_ERROR, "site index: this SQLite has no FTS5");
  fts5_tokenizer functions{create, destroy, tokenize};
  const int code = api->xCreateTokenizer(api, "fabu", nullptr, &functions, nullptr);
  if (code != SQLITE_OK) throw DatabaseError(code, "site index: the tokenizer was refused");
}

}  // namespace fabu::website
