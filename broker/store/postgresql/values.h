// Values as PostgreSQL's binary format has them (src/backend/utils/adt: int8send, textsend, byteasend, array_send): parameters
// and results travel without text in between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::store::pg {

// Type numbers of the catalogue, pg_type.dat; fixed for ever.
enum class Type : unsigned {
  boolean = 16,
  bytea = 17,
  int8 = 20,
  text = 25,
  int8_array = 1016,
  text_array = 1009,
  bytea_array = 1001
};

// The parameters of one statement, in order.
class Values {
 public:
  Values& number(std::int64_t);
  Values& text(std::string_view);
  Values& bytes(std::string_view);
  Values& numbers(const std::vector<std::int64_t>&);
  Values& texts(const std::vector<std::string>&);
  // NULL where there is none.
  Values& optional_numbers(const std::vector<std::optional<std::int64_t>>&);
  Values& optional_texts(const std::vector<std::optional<std::string>>&);
  Values& blobs(const std::vector<std::string>&);
  Values& optional_blobs(const std::vector<std::string>&);  // NULL where one is empty

  std::size_t size() const { return values_.size(); }
  Type type(std::size_t i) const { return values_[i].type; }
  // Null: NULL.
  const char* data(std::size_t i) const { return values_[i].null ? nullptr : values_[i].bytes.data(); }
  int length(std::size_t i) const { return static_cast<int>(values_[i].bytes.size()); }

 private:
  struct Value {
    Type type;
    std::string bytes;
    bool null = false;
  };
  std::vector<Value> values_;
};

std::int64_t read_number(const char* bytes, int length);

}  // namespace fabu::store::pg
