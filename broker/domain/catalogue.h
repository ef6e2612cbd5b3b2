// The catalogue (公开目录): what must be disclosed, by whom, how fast, where, and who looks at it first. Immutable once read.
#pragma once

#include <fabu/v1/item.pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/domain/result.h"

namespace fabu::domain {

enum class ReviewPolicy { none, one_eye, two_eye };
enum class DayUnit { working, natural };

// A limit or a length in days.
struct Days {
  unsigned count = 0;  // 0 = none
  DayUnit unit = DayUnit::working;
};

struct Domain {
  std::string code, name, name_en;  // GC 工程建设项目招标投标 …
};

struct Entry {
  std::string code;  // {domain}-{kind of notice}, e.g. GC-CANDIDATE_PUBLICITY; unique
  std::string name, name_en;
  std::string domain;  // code of a Domain
  v1::Stage stage = v1::STAGE_UNSPECIFIED;
  std::vector<std::string> required;  // Item field paths that must be filled beyond those every item needs
  std::vector<std::string> channels;  // names, in planning order
  ReviewPolicy review = ReviewPolicy::none;
  Days deadline;       // from formed_date to publication. OGI Regulation art. 26 unless the basis says otherwise
  Days notice_period;  // least length of the publicity period
  std::string legal_basis;
  bool confirmed = true;  // false: the figure is from a secondary source and should be checked before relied on
};

class Catalogue {
 public:
  // Reads YAML. On failure the error's `problems` has every fault, path "FILE:LINE:COLUMN", with what to do.
  static Result<Catalogue> parse(std::string_view yaml, const std::string& file);
  static Result<Catalogue> load(const std::string& file);

  const Entry* find(std::string_view code) const;
  const Domain* domain(std::string_view code) const;
  const std::vector<Entry>& entries() const { return entries_; }
  const std::vector<Domain>& domains() const { return domains_; }
  // The entry code nearest to a mistyped one; empty when none is near.
  std::string nearest(std::string_view code) const;

 private:
  std::vector<Domain> domains_;
  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> by_code_;
};

}  // namespace fabu::domain
