// What the paragraphs of a Chinese official document (公文, GB/T 9704-2012) are, by their words. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "adapters/sdk/document.h"

namespace fabu::sdk {

// Code points of valid UTF-8.
std::size_t characters(std::string_view utf8);

// The level of a paragraph by the number that it begins with: 1 for 一、, 2 for （一）, 0 otherwise.
int numbered_level(std::string_view paragraph);
// Whether it is a date such as 2026年8月20日 or 二〇二六年八月二十日.
bool is_date(std::string_view paragraph);
// Whether it is 主送机关: 各有关单位：
bool is_salutation(std::string_view paragraph);
// The document with every paragraph cut at its line breaks, empty lines left out: each line is a paragraph to those who type with
// line ends.
Node lines_apart(Node document);

}  // namespace fabu::sdk
