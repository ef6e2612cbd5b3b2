// Where each page of the site stands: as a file below the site root, as a link, and as an absolute URL.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace fabu::website {

// The lists that an item stands in.
enum class ListKind { entry, department, month };
std::string_view list_name(ListKind kind);  // "entry", "department", "month"

// Whether a catalogue or department code may be part of a path as it is: [A-Za-z0-9_-]{1,64}.
bool plain_code(std::string_view code);

// Everything but unreserved characters (RFC 3986) as %XX; '/' too unless kept.
std::string percent_encode(std::string_view text, bool keep_slash = false);

// A file name for an attachment that every file system takes: the public name, its stem shortened (with eight digits of the
// digest) when it is over 240 bytes. Empty when the name cannot be a file name (path separators, controls, "." or "..").
std::string attachment_file_name(std::string_view name, std::string_view sha256_hex);

// How the HTTP server is to send an attachment, so that nothing a department uploads runs in the site's name: a fixed type by
// extension, and inline only for what a browser cannot run scripts from (PDF and raster images); the rest is a download.
struct AttachmentHeaders {
  std::string content_type;
  std::string content_disposition;
};
AttachmentHeaders attachment_headers(std::string_view file_name);

class PagePaths {
 public:
  // `base_url` is absolute and has no final slash; its path, if any, is put before every link.
  explicit PagePaths(std::string base_url);

  const std::string& base_url() const { return base_url_; }
  const std::string& root() const { return root_; }  // "" or e.g. "/gk"
  // A site path ("/items/7/") as a link within the site and as an absolute URL.
  std::string link(std::string_view site_path) const { return root_ + std::string(site_path); }
  std::string url(std::string_view site_path) const { return base_url_ + std::string(site_path); }

  static std::string item(std::uint64_t item_id);                            // /items/7/
  static std::string edition(std::uint64_t item_id, std::uint32_t edition);  // /items/7/editions/1/
  // `code` is a plain_code or a month.
  static std::string list(ListKind kind, std::string_view code);                           // /lists/entry/GC-X/
  static std::string list_page(ListKind kind, std::string_view code, std::uint64_t page);  // /lists/entry/GC-X/3/
  static std::string sitemap(std::uint64_t number);                                        // /sitemap-1.xml

  // The file below the site root that a site path names.
  static std::filesystem::path file(std::string_view site_path);

 private:
  std::string base_url_, root_;
};

}  // namespace fabu::website
