// Media types: what a request's body is, and which answer the caller would rather have. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fabu::http {

// "Application/JSON; charset=utf-8" → "application/json".
std::string media_type(std::string_view content_type);

// Which of `offers` the Accept header likes best (RFC 9110 section 12.5.1), by q, then by our order. No header = the first.
// Nothing when it takes none of them.
std::optional<std::size_t> best_offer(std::string_view accept, std::span<const std::string> offers);

// What a file of the public site is, by its name's ending; application/octet-stream when unknown.
std::string_view file_media_type(std::string_view name);

}  // namespace fabu::http
