#include "adapters/website/page_paths.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace fabu::website {
namespace {

constexpr std::size_t kFileNameBytes = 240;

bool unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

// The longest beginning of at most `bytes` that does not cut a UTF-8 character.
std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

std::string lower_extension(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  std::string ext(name.substr(dot + 1));
  for (char& c : ext) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return ext;
}

struct MediaType {
  std::string_view extension, type;
  bool shown;  // may be shown in the browser
};

constexpr std::array kMediaTypes{
    MediaType{"pdf", "application/pdf", true},
    MediaType{"png", "image/png", true},
    MediaType{"jpg", "image/jpeg", true},
    MediaType{"jpeg", "image/jpeg", true},
    MediaType{"gif", "image/gif", true},
    MediaType{"webp", "image/webp", true},
    MediaType{"doc", "application/msword", false},
    MediaType{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", false},
    MediaType{"xls", "application/vnd.ms-excel", false},
    MediaType{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false},
    MediaType{"ppt", "application/vnd.ms-powerpoint", false},
    MediaType{"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", false},
    MediaType{"ofd", "application/ofd", false},
    MediaType{"wps", "application/vnd.ms-works", false},
    MediaType{"csv", "text/csv; charset=utf-8", false},
    MediaType{"txt", "text/plain; charset=utf-8", false},
    MediaType{"json", "application/json", false},
    MediaType{"zip", "application/zip", false},
};

}  // namespace

std::string_view list_name(ListKind kind) {
  switch (kind) {
    case ListKind::entry:
      return "entry";
    case ListKind::department:
      return "department";
    case ListKind::month:
      return "month";
  }
  throw std::logic_error("list kind");
}

bool plain_code(std::string_view code) {
  if (code.empty() || code.size() > 64) return false;
  for (const char c : code) {
    if (!unreserved(static_cast<unsigned char>(c)) || c == '.' || c == '~') return false;
  }
  return true;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() * 3);
  for (const char ch : text) {
    const auto c = static_cast<unsigned char>(ch);
    if (unreserved(c) || (keep_slash && c == '/')) {
      out += ch;
    } else {
      out += '%';
      out += digits[c >> 4U];
      out += digits[c & 15U];
    }
  }
  return out;
}

std::string attachment_file_name(std::string_view name, std::string_view sha256_hex) {
  if (name.empty() || name == "." || name == "..") return {};
  for (const char ch : name) {
    const auto c = static_cast<unsigned char>(ch);
    if (c < 0x20 || c == 0x7F || c == '/' || c == '\\') return {};
  }
  if (name.size() <= kFileNameBytes) return std::string(name);
  const auto dot = name.rfind('.');
  const std::string_view ext = dot == std::string_view::npos || name.size() - dot > 16 ? "" : name.substr(dot);
  const std::string tag = "-" + std::string(sha256_hex.substr(0, 8));
  return std::string(cut(name.substr(0, name.size() - ext.size()), kFileNameBytes - ext.size() - tag.size())) + tag +
         std::string(ext);
}

AttachmentHeaders attachment_headers(std::string_view file_name) {
  const std::string ext = lower_extension(file_name);
  std::string type = "application/octet-stream";
  bool shown = false;
  for (const MediaType& known : kMediaTypes) {
    if (known.extension == ext) {
      type = known.type;
      shown = known.shown;
    }
  }
  // RFC 6266 with RFC 8187: the name as UTF-8, and nothing else, since every browser in use reads it.
  return {type, std::string(shown ? "inline" : "attachment") + "; filename*=UTF-8''" + percent_encode(file_name)};
}

PagePaths::PagePaths(std::string base_url) : base_url_(std::move(base_url)) {
  while (!base_url_.empty() && base_url_.back() == '/') base_url_.pop_back();
  const auto scheme = base_url_.find("://");
  if (scheme == std::string::npos) throw std::invalid_argument("website base_url must be absolute: " + base_url_);
  const auto path = base_url_.find('/', scheme + 3);
  if (path != std::string::npos) root_ = base_url_.substr(path);
}

std::string PagePaths::item(std::uint64_t item_id) {
  return "/items/" + std::to_string(item_id) + "/";
}

std::string PagePaths::edition(std::uint64_t item_id, std::uint32_t edition) {
  return item(item_id) + "editions/" + std::to_string(edition) + "/";
}

std::string PagePaths::list(ListKind kind, std::string_view code) {
  return "/lists/" + std::string(list_name(kind)) + "/" + std::string(code) + "/";
}

std::string PagePaths::list_page(ListKind kind, std::string_view code, std::uint64_t page) {
  return list(kind, code) + std::to_string(page) + "/";
}

std::string PagePaths::sitemap(std::uint64_t number) {
  return "/sitemap-" + std::to_string(number) + ".xml";
}

std::filesystem::path PagePaths::file(std::string_view site_path) {
  std::filesystem::path path(site_path.substr(1));
  return site_path.ends_with('/') ? path / "index.html" : path;
}

}  // namespace fabu::website
