#include "broker/domain/catalogue.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "broker/domain/text_rules.h"
#include "broker/domain/yaml_fields.h"

namespace fabu::domain {
namespace {

constexpr std::size_t kMostBytes = 4 << 20;

// "20wd" working days, "3d" natural days.
std::optional<Days> days_of(const std::string& text) {
  Days days;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 3) return std::nullopt;
  days.count = static_cast<unsigned>(std::stoul(text.substr(0, digits)));
  const auto unit = text.substr(digits);
  if (unit != "wd" && unit != "d") return std::nullopt;
  days.unit = unit == "wd" ? DayUnit::working : DayUnit::natural;
  return days;
}

void read_days(YamlFields& fields, const std::string& name, Days& days) {
  std::string text;
  fields.text(name, text);
  if (text.empty()) return;
  if (const auto read = days_of(text)) {
    days = *read;
  } else {
    fields.fault(name, "is not a number of days", "write 20wd for working days or 3d for natural days");
  }
}

// Whether a path like publisher.uscc names a field of Item.
bool is_item_field(std::string path) {
  const auto* message = v1::Item::descriptor();
  for (;;) {
    const auto dot = path.find('.');
    const auto* field = message == nullptr ? nullptr : message->FindFieldByName(path.substr(0, dot));
    if (field == nullptr) return false;
    if (dot == std::string::npos) return true;
    message = field->message_type();
    path.erase(0, dot + 1);
  }
}

Domain read_domain(YamlFields fields) {
  Domain domain;
  fields.required_text("code", domain.code);
  fields.required_text("name", domain.name);
  fields.required_text("name_en", domain.name_en);
  if (!is_code(domain.code)) fields.fault("code", "has other characters than letters, digits, - and _", "correct it");
  fields.no_others();
  return domain;
}

void read_required(YamlFields& fields, Entry& entry) {
  entry.required = fields.texts("required");
  for (const auto& path : entry.required) {
    if (!is_item_field(path)) fields.fault("required", "names `" + path + "`, which is no field of an item", "use a field path of proto/fabu/v1/item.proto");
  }
}

void read_channels(YamlFields& fields, Entry& entry) {
  entry.channels = fields.texts("channels");
  if (entry.channels.empty()) fields.fault("channels", "is empty", "name at least one channel");
  for (const auto& channel : entry.channels) {
    if (!is_code(channel)) fields.fault("channels", "has the name `" + channel + "`, which cannot name a channel", "use letters, digits, - and _");
  }
}

Entry read_entry(YamlFields fields) {
  static const std::vector<std::string> stages{"decision", "execution", "management", "service", "result"};
  static const std::vector<std::string> policies{"none", "one-eye", "two-eye"};
  Entry entry;
  fields.required_text("code", entry.code);
  fields.required_text("name", entry.name);
  fields.required_text("name_en", entry.name_en);
  fields.required_text("domain", entry.domain);
  if (!is_code(entry.code)) fields.fault("code", "has other characters than letters, digits, - and _, or more than 32", "correct it");
  entry.stage = static_cast<v1::Stage>(fields.choice("stage", stages, {}) + 1);
  read_required(fields, entry);
  read_channels(fields, entry);
  entry.review = static_cast<ReviewPolicy>(fields.choice("review", policies, "none"));
  read_days(fields, "deadline", entry.deadline);
  if (entry.deadline.count == 0) fields.fault("deadline", "is missing or 0", "write 20wd, the general limit, or what the basis says");
  read_days(fields, "notice_period", entry.notice_period);
  fields.required_text("legal_basis", entry.legal_basis);
  entry.confirmed = fields.choice("confirmed", {"no", "yes"}, "yes") == 1;
  fields.no_others();
  return entry;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row[b.size()];
}

Error faulty(const std::string& file, std::vector<v1::FieldProblem> problems) {
  Error error{ErrorCode::invalid, file, std::to_string(problems.size()) + " faults in the catalogue; the first: " + problems.front().path() + ": " + problems.front().what(),
              "Mend them and read it again.", {}};
  error.problems = std::move(problems);
  return error;
}

}  // namespace

Result<Catalogue> Catalogue::parse(std::string_view yaml, const std::string& file) {
  std::vector<v1::FieldProblem> faults;
  Catalogue catalogue;
  auto root = YamlFields::of_document(yaml, file, faults);
  if (!root) return faulty(file, std::move(faults));
  std::set<std::string> domains;
  for (auto& fields : root->list("domains")) {
    auto domain = read_domain(fields);
    if (!domains.insert(domain.code).second) fields.fault("code", "is there twice", "give each domain its own code");
    catalogue.domains_.push_back(std::move(domain));
  }
  for (auto& fields : root->list("entries")) {
    auto entry = read_entry(fields);
    if (!entry.domain.empty() && domains.count(entry.domain) == 0) fields.fault("domain", "names `" + entry.domain + "`, which is not in `domains`", "add it there or correct it");
    if (!catalogue.by_code_.emplace(entry.code, catalogue.entries_.size()).second) fields.fault("code", "is there twice", "give each entry its own code");
    catalogue.entries_.push_back(std::move(entry));
  }
  if (catalogue.entries_.empty()) root->fault("entries", "is empty", "list what must be disclosed");
  root->no_others();
  if (!faults.empty()) return faulty(file, std::move(faults));
  return catalogue;
}

Result<Catalogue> Catalogue::load(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{ErrorCode::not_found, file, "The file cannot be read.", "Check its name and permissions.", {}};
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (text.size() > kMostBytes) return Error{ErrorCode::too_large, file, "The file is larger than 4 MiB.", "Split or shorten it.", {}};
  return parse(text, file);
}

const Entry* Catalogue::find(std::string_view code) const {
  const auto found = by_code_.find(code);
  return found == by_code_.end() ? nullptr : &entries_[found->second];
}

const Domain* Catalogue::domain(std::string_view code) const {
  const auto found = std::find_if(domains_.begin(), domains_.end(), [&](const Domain& d) { return d.code == code; });
  return found == domains_.end() ? nullptr : &*found;
}

std::string Catalogue::nearest(std::string_view code) const {
  const auto wanted = code.substr(0, 64);
  std::size_t least = std::max<std::size_t>(2, wanted.size() / 3) + 1;
  std::string best;
  for (const auto& entry : entries_) {
    const auto d = distance(wanted, entry.code);
    if (d < least) least = d, best = entry.code;
  }
  return best;
}

}  // namespace fabu::domain
