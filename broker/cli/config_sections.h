// The sections of the configuration file, read one by one; nothing outside of the configuration's own files includes this.
#pragma once

#include <filesystem>
#include <string>

#include "broker/cli/config.h"
#include "broker/domain/yaml_fields.h"

namespace fabu::cli {

// Each takes what it knows of `fields` and tells what is wrong there.
void read_site(domain::YamlFields fields, SiteConfig&);
void read_department(domain::YamlFields& fields, Config&);                                  // appended
void read_channel(domain::YamlFields& fields, Config&, const std::filesystem::path& base);  // appended
void read_bucket(domain::YamlFields fields, Config&, const std::filesystem::path& base);
void read_rabbitmq(domain::YamlFields fields, Config&, const std::filesystem::path& base);
void read_broker_address(domain::YamlFields fields, Config&, const std::filesystem::path& base);

// 1-32 letters, digits, - and _.
bool is_code(const std::string& text);
bool is_digits(const std::string& text, std::size_t length);

}  // namespace fabu::cli
