// A sentence of `fabu why` in both languages, and the words that its parts share.
#pragma once

#include <cstdint>
#include <string>

#include "proto/fabu/time.h"

namespace fabu::flow {

struct Line {
  std::string zh, en;
};

// "2026-08-20 09:00"
inline std::string minute(std::int64_t ms) {
  return format_minute(from_ms(ms));
}
inline std::string edition_zh(std::uint32_t number) {
  return "第" + std::to_string(number) + "版";
}
inline std::string edition_en(std::uint32_t number) {
  return "edition " + std::to_string(number);
}
// Tries that failed and counted against a delivery: none when the channel was at fault.
inline Line failures_counted(std::uint32_t number) {
  if (number == 0) return {"未计失败次数", "no failure counted"};
  return {"已计失败 " + std::to_string(number) + " 次", "failures counted: " + std::to_string(number)};
}
// The names one after the other, as either language does it.
template <typename Names>
Line listed(const Names& names) {
  Line line;
  for (const auto& name : names) {
    line.zh += (line.zh.empty() ? "" : "、") + name;
    line.en += (line.en.empty() ? "" : ", ") + name;
  }
  return line;
}

}  // namespace fabu::flow
