#include "broker/store/postgresql/values.h"

#include <stdexcept>

namespace fabu::store::pg {
namespace {

void put32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

void put64(std::string& out, std::int64_t value) {
  put32(out, static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> 32));
  put32(out, static_cast<std::uint32_t>(value));
}

// An array of one dimension; `put` appends an element's bytes and tells whether there is one.
template <typename Elements, typename Put>
std::string array_of(Type element, const Elements& elements, Put put) {
  std::string out, body, one;
  bool some_null = false;
  for (const auto& value : elements) {
    one.clear();
    if (put(one, value)) {
      put32(body, static_cast<std::uint32_t>(one.size()));
      body += one;
    } else {
      some_null = true;
      put32(body, 0xFFFFFFFF);
    }
  }
  put32(out, elements.empty() ? 0 : 1);  // dimensions
  put32(out, some_null ? 1 : 0);
  put32(out, static_cast<std::uint32_t>(element));
  if (elements.empty()) return out;
  put32(out, static_cast<std::uint32_t>(elements.size()));
  put32(out, 1);  // lower bound
  return out + body;
}

bool put_text(std::string& out, const std::string& text) {
  out = text;
  return true;
}

}  // namespace

Values& Values::number(std::int64_t value) {
  Value number{Type::int8, {}};
  put64(number.bytes, value);
  values_.push_back(std::move(number));
  return *this;
}

Values& Values::text(std::string_view text) {
  values_.push_back({Type::text, std::string(text)});
  return *this;
}

Values& Values::bytes(std::string_view bytes) {
  values_.push_back({Type::bytea, std::string(bytes)});
  return *this;
}

Values& Values::numbers(const std::vector<std::int64_t>& numbers) {
  const auto put = [](std::string& out, std::int64_t number) {
    put64(out, number);
    return true;
  };
  values_.push_back({Type::int8_array, array_of(Type::int8, numbers, put)});
  return *this;
}

Values& Values::optional_numbers(const std::vector<std::optional<std::int64_t>>& numbers) {
  const auto put = [](std::string& out, const std::optional<std::int64_t>& number) {
    if (number) put64(out, *number);
    return number.has_value();
  };
  values_.push_back({Type::int8_array, array_of(Type::int8, numbers, put)});
  return *this;
}

Values& Values::texts(const std::vector<std::string>& texts) {
  values_.push_back({Type::text_array, array_of(Type::text, texts, put_text)});
  return *this;
}

Values& Values::optional_texts(const std::vector<std::optional<std::string>>& texts) {
  const auto put = [](std::string& out, const std::optional<std::string>& text) {
    if (text) out = *text;
    return text.has_value();
  };
  values_.push_back({Type::text_array, array_of(Type::text, texts, put)});
  return *this;
}

Values& Values::blobs(const std::vector<std::string>& blobs) {
  values_.push_back({Type::bytea_array, array_of(Type::bytea, blobs, put_text)});
  return *this;
}

Values& Values::optional_blobs(const std::vector<std::string>& blobs) {
  const auto put = [](std::string& out, const std::string& blob) {
    out = blob;
    return !blob.empty();
  };
  values_.push_back({Type::bytea_array, array_of(Type::bytea, blobs, put)});
  return *this;
}

// int2, int4 and int8 alike.
std::int64_t read_number(const char* bytes, int length) {
  if (length != 2 && length != 4 && length != 8) throw std::logic_error("a column is not a number");
  std::int64_t value = static_cast<signed char>(bytes[0]);
  for (int i = 1; i < length; ++i) value = value * 256 + static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace fabu::store::pg
