// The configuration file of `fabu serve`, `fabu broker` and `fabu adapter`: strict YAML, every fault told with its line. No file
// at all is a whole configuration of `fabu serve`: a website and a notice-board spool under the data folder, for any department.
// Passwords and keys stand in files of their own, never in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/domain/result.h"

namespace fabu::cli {

// What the public pages say of the site itself. Empty strings are left off the pages.
struct SiteConfig {
  std::string name = "政府信息公开";  // 网站名称, 1-100 characters
  std::string name_en;
  std::string url;            // the address the public uses, http(s)://…, without a trailing slash; empty = taken from listen
  std::string domain;         // SiteDomain of the government-site meta tags (国办发〔2017〕47号)
  std::string id_code;        // SiteIDCode, 10 digits
  std::string organisation;   // 主办单位
  std::string contact;        // 联系方式: address and telephone, one line
  std::string icp;            // ICP 备案号
  std::string police_record;  // 公网安备号
  std::string error_report_url;  // 我为政府网站找错
  std::string description;       // one sentence, for search engines and the home page
};

struct DepartmentConfig {
  std::string code;       // [A-Za-z0-9_-]{1,32}, unique
  std::string name;       // 中文全称
  std::string uscc;       // empty, or 18 characters
  std::string amqp_user;  // the RabbitMQ user that submits for it, unique; empty = the code
};

enum class ChannelKind { website, noticeboard };

struct CupsConfig {
  std::string server;  // HOST[:PORT] or a socket path; empty = the system's
  std::string queue;
};

struct ChannelConfig {
  std::string name;  // [a-z][a-z0-9_-]{0,31}, unique; the catalogue's channels use it
  ChannelKind kind = ChannelKind::website;
  std::filesystem::path folder;              // website: where pages are written; empty = DATA/site
  std::filesystem::path index;               // website: its search index; empty = see public_channels.h
  std::filesystem::path spool;               // noticeboard without cups: where PDFs go; empty = DATA/noticeboard
  std::optional<CupsConfig> cups;            // noticeboard: print instead of spooling
  std::string media = "A4";                  // noticeboard: A4 or A3
  std::optional<std::uint32_t> concurrency;  // 1-64; unset = the adapter's own
  std::optional<double> per_second;          // above 0, at most 10000; unset = the adapter's own
};

// A bucket of S3-compatible storage for attachments, beside a store on PostgreSQL.
struct BucketConfig {
  std::string endpoint;  // http(s)://HOST[:PORT], no slash at the end; the bucket is the first part of the path
  std::string region, bucket, access_key;
  std::filesystem::path secret_key_file;  // its first line
  std::filesystem::path ca_file;          // empty = the system's authorities
};

// RabbitMQ, the transport of `fabu broker` and `fabu adapter`.
struct RabbitmqConfig {
  std::vector<std::string> servers;                  // amqp[s]://[USER@]HOST[:PORT][/VHOST], at least one; tried in turn
  std::filesystem::path password_file;               // its first line; empty = no password (client certificates)
  std::filesystem::path ca_file;                     // empty = the system's authorities
  std::filesystem::path certificate_file, key_file;  // of the client; both or none
  std::uint32_t partitions = 1;                      // queues of each channel, 1-64; the same for all roles
};

// Where `fabu adapter` fetches attachments.
struct BrokerAddress {
  std::string url;                 // http(s)://HOST[:PORT][/PREFIX], no slash at the end
  std::filesystem::path key_file;  // its first line is an API key with scope read
  std::filesystem::path ca_file;   // empty = the system's authorities
};

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { text, json };

struct Config {
  std::string listen = "127.0.0.1:8080";  // HOST:PORT, [IPV6]:PORT; port 0 picks one
  bool listen_given = false;              // `fabu adapter` listens only when it was asked to
  std::filesystem::path data;             // empty: must be given as --data
  std::string store;                      // postgresql://…; empty = SQLite under data
  std::filesystem::path catalogue;        // empty: the one that is shipped
  SiteConfig site;
  std::vector<DepartmentConfig> departments;  // empty: any department code is taken
  std::vector<ChannelConfig> channels = default_channels();
  std::optional<BucketConfig> attachments;  // empty = in the store
  std::optional<RabbitmqConfig> rabbitmq;
  std::optional<BrokerAddress> broker;
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;

  static std::vector<ChannelConfig> default_channels();
  // Relative paths are relative to the file's folder. On failure `problems` has every fault, path "FILE:LINE:COLUMN".
  static Result<Config> parse(std::string_view yaml, const std::string& file);
  static Result<Config> load(const std::filesystem::path& file);
};

// A commented file with every setting at its default; what `fabu config example` prints. Parses.
std::string_view config_example();

std::string_view name_of(ChannelKind);

// HOST:PORT or [IPV6]:PORT.
bool is_listen_address(const std::string& text);

// What is wrong with the address of a PostgreSQL store, and what to do; nothing when it is good. The command line asks it too.
struct AddressFault {
  std::string what, todo;
};
std::optional<AddressFault> fault_of_store(const std::string& address);

}  // namespace fabu::cli
