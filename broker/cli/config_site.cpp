// Configuration: what the site says of itself, and its departments.
#include <fmt/format.h>

#include <algorithm>

#include "broker/cli/config_sections.h"

namespace fabu::cli {

namespace {

// A short string of AMQP 0-9-1.
bool is_amqp_user(const std::string& text) {
  return text.size() <= 255 &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
}

}  // namespace

bool is_code(const std::string& text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_digits(const std::string& text, std::size_t length) {
  return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void read_site(domain::YamlFields fields, SiteConfig& site) {
  fields.text("name", site.name);
  if (site.name.empty()) fields.fault("name", "is empty", "give the site's name");
  fields.text("name_en", site.name_en);
  fields.text("url", site.url);
  while (!site.url.empty() && site.url.back() == '/') site.url.pop_back();
  if (!site.url.empty() && site.url.rfind("http://", 0) != 0 && site.url.rfind("https://", 0) != 0) {
    fields.fault("url", "is not an http or https address", "write it as https://www.example.gov.cn");
  }
  fields.text("domain", site.domain);
  fields.text("id_code", site.id_code);
  if (!site.id_code.empty() && !is_digits(site.id_code, 10))
    fields.fault("id_code", "is not 10 digits", "see the site's 党政机关 mark");
  fields.text("organisation", site.organisation);
  fields.text("contact", site.contact);
  fields.text("icp", site.icp);
  fields.text("police_record", site.police_record);
  fields.text("error_report_url", site.error_report_url);
  fields.text("description", site.description);
  fields.no_others();
}

void read_department(domain::YamlFields& fields, Config& config) {
  DepartmentConfig department;
  fields.required_text("code", department.code);
  fields.required_text("name", department.name);
  fields.text("uscc", department.uscc);
  fields.text("amqp_user", department.amqp_user);
  fields.no_others();
  if (!department.code.empty() && !is_code(department.code)) {
    fields.fault("code", "is not a department code", "use 1-32 letters, digits, - and _");
  }
  if (!department.uscc.empty() && department.uscc.size() != 18)
    fields.fault("uscc", "is not 18 characters long", "see GB 32100-2015");
  const auto same = [&](const DepartmentConfig& other) { return other.code == department.code; };
  const bool twice = std::any_of(config.departments.begin(), config.departments.end(), same);
  if (twice) fields.fault("code", fmt::format("{} is there twice", department.code), "take one away");
  const auto user = [](const DepartmentConfig& d) { return d.amqp_user.empty() ? d.code : d.amqp_user; };
  const auto same_user = [&](const DepartmentConfig& other) { return user(other) == user(department); };
  if (!department.amqp_user.empty() && !is_amqp_user(department.amqp_user)) {
    fields.fault("amqp_user", "is not a name that RabbitMQ takes as a user-id", "use at most 255 printable characters");
  } else if (!twice && std::any_of(config.departments.begin(), config.departments.end(), same_user)) {
    fields.fault(department.amqp_user.empty() ? "code" : "amqp_user",
                 fmt::format("{} is another department's RabbitMQ user", user(department)),
                 "a user submits for one department: give each its own");
  }
  config.departments.push_back(std::move(department));
}

}  // namespace fabu::cli
