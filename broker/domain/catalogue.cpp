#include "broker/domain/catalogue.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <utility>

#include "broker/domain/nearest.h"
#include "broker/domain/text_rules.h"
#include "broker/domain/yaml_bounds.h"
#include "broker/domain/yaml_fields.h"

namespace fabu::domain {
namespace {

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

void read_deadline(YamlFields& fields, Days& deadline) {
  deadline.count = 1;  // stays when what is written is no number of days, which is a fault of its own
  read_days(fields, "deadline", deadline);
  if (!fields.has("deadline") || deadline.count == 0) {
    fields.fault("deadline", "is missing or 0", "write 20wd, the general limit, or what the basis says");
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
    if (!is_item_field(path))
      fields.fault("required", "names `" + path + "`, which is no field of an item",
                   "use a field path of proto/fabu/v1/item.proto");
  }
}

void read_channels(YamlFields& fields, Entry& entry) {
  entry.channels = fields.texts("channels");
  if (entry.channels.empty()) fields.fault("channels", "is empty", "name at least one channel");
  for (const auto& channel : entry.channels) {
    if (!is_code(channel))
      fields.fault("channels", "has the name `" + channel + "`, which cannot name a channel", "use letters, digits, - and _");
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
  if (!is_code(entry.code))
    fields.fault("code", "has other characters than letters, digits, - and _, or more than 32", "correct it");
  entry.stage = static_cast<v1::Stage>(fields.choice("stage", stages, {}) + 1);
  read_required(fields, entry);
  read_channels(fields, entry);
  entry.review = static_cast<ReviewPolicy>(fields.choice("review", policies, "none"));
  read_deadline(fields, entry.deadline);
  read_days(fields, "notice_period", entry.notice_period);
  fields.required_text("legal_basis", entry.legal_basis);
  entry.confirmed = fields.choice("confirmed", {"no", "yes"}, "yes") == 1;
  fields.no_others();
  return entry;
}

void check_domain(YamlFields& fields, const Entry& entry, const std::set<std::string>& domains) {
  if (entry.domain.empty()) return;
  if (domains.count(entry.domain) == 0) {
    fields.fault("domain", "names `" + entry.domain + "`, which is not in `domains`", "add it there or correct it");
  } else if (is_code(entry.code) && entry.code.rfind(entry.domain + "-", 0) != 0) {
    fields.fault("code", "does not begin with the code of its domain, " + entry.domain + "-", "write {domain}-{kind of notice}");
  }
}

Error faulty(const std::string& file, std::vector<v1::FieldProblem> problems) {
  Error error{ErrorCode::invalid,
              file,
              std::to_string(problems.size()) + " faults in the catalogue; the first: " + problems.front().path() + ": " +
                  problems.front().what(),
              "Mend them and read it again.",
              {}};
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
    check_domain(fields, entry, domains);
    if (!catalogue.by_code_.emplace(entry.code, catalogue.entries_.size()).second) {
      fields.fault("code", "is there twice", "give each entry its own code");
    }
    catalogue.entries_.push_back(std::move(entry));
  }
  if (catalogue.entries_.empty()) root->fault("entries", "is empty", "list what must be disclosed");
  root->no_others();
  if (!faults.empty()) return faulty(file, std::move(faults));
  return catalogue;
}

Result<Catalogue> Catalogue::load(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kMostYamlBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));  // of a folder: sets bad
  if (!in.is_open() || in.bad()) {
    return Error{ErrorCode::not_found, file, "The file cannot be read.", "Check its name and permissions.", {}};
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
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
  std::vector<std::string> codes;
  codes.reserve(entries_.size());
  for (const auto& entry : entries_) codes.push_back(entry.code);
  return nearest_word(code, codes);
}

}  // namespace fabu::domain
