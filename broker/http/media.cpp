#include "broker/http/media.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace fabu::http {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 27> kFileTypes{{
    {"html", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"atom", "application/atom+xml; charset=utf-8"},
    {"xml", "application/xml; charset=utf-8"},
    {"txt", "text/plain; charset=utf-8"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"ico", "image/x-icon"},
    {"woff2", "font/woff2"},
    {"webmanifest", "application/manifest+json"},
    {"pdf", "application/pdf"},
    {"csv", "text/csv; charset=utf-8"},
    {"zip", "application/zip"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"wps", "application/vnd.ms-works"},
    {"ofd", "application/ofd"},
}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// 3: the type itself, 2: "text/*", 1: "*/*", 0: no match.
int specificity(std::string_view range, std::string_view offer) {
  if (range == "*/*") return 1;
  if (range.size() > 2 && range.substr(range.size() - 2) == "/*") {
    return offer.substr(0, range.size() - 1) == range.substr(0, range.size() - 1) ? 2 : 0;
  }
  return range == offer ? 3 : 0;
}

// "…;q=0.5" in thousandths; 1000 when absent or broken.
int quality(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return 1000;
  const auto text = parameters.substr(at + 2);
  double q = 1;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), q);
  return failed == std::errc{} ? static_cast<int>(std::clamp(q, 0.0, 1.0) * 1000) : 1000;
}

int quality_for(std::string_view accept, std::string_view offer) {
  int best_match = 0, found = 0;
  while (!accept.empty()) {
    const auto end = std::min(accept.find(','), accept.size());
    const auto element = trimmed(accept.substr(0, end));
    accept.remove_prefix(std::min(end + 1, accept.size()));
    const auto semicolon = std::min(element.find(';'), element.size());
    const int match = specificity(lower(trimmed(element.substr(0, semicolon))), offer);
    if (match > best_match) {
      best_match = match;
      found = quality(element.substr(semicolon));
    }
  }
  return found;
}

}  // namespace

std::string media_type(std::string_view content_type) {
  return lower(trimmed(content_type.substr(0, content_type.find(';'))));
}

std::optional<std::size_t> best_offer(std::string_view accept, std::span<const std::string> offers) {
  if (trimmed(accept).empty()) return 0;
  std::optional<std::size_t> best;
  int best_quality = 0;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const int q = quality_for(accept, media_type(offers[i]));
    if (q > best_quality) {
      best_quality = q;
      best = i;
    }
  }
  return best;
}

std::string_view file_media_type(std::string_view name) {
  const auto slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  const auto dot = name.rfind('.');
  const auto ending = dot == std::string_view::npos ? std::string() : lower(name.substr(dot + 1));
  const auto* const found =
      std::find_if(kFileTypes.begin(), kFileTypes.end(), [&](const auto& type) { return type.first == ending; });
  if (name == "feed.json") return "application/feed+json; charset=utf-8";
  return found == kFileTypes.end() ? "application/octet-stream" : found->second;
}

}  // namespace fabu::http
