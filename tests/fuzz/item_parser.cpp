// Whatever arrives as an item, by protobuf or JSON: it is read or refused in words that can be sent, and what is accepted comes
// back the same from its bytes and from its JSON.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "broker/domain/item_codec.h"
#include "broker/domain/item_rules.h"
#include "broker/domain/text_rules.h"

namespace {

using namespace fabu;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

const domain::Catalogue& catalogue() {
  static const auto read = domain::Catalogue::parse(R"(
domains: [{code: T, name: 试, name_en: Test}]
entries:
  - {code: T-A, name: 甲, name_en: A, domain: T, stage: result, required: [doc_no, related], channels: [w], deadline: 3d, notice_period: 3d,
     legal_basis: 某法}
)",
                                                    "fuzz.yaml");
  return read.value();
}

void can_be_sent(const std::vector<v1::FieldProblem>& problems) {
  for (const auto& problem : problems) {
    for (const auto* text :
         {&problem.path(), &problem.rule(), &problem.what(), &problem.todo(), &problem.what_zh(), &problem.todo_zh()}) {
      require(domain::is_utf8(*text) && !domain::has_forbidden_characters(*text, true),
              "what is said of a fault is UTF-8 without control characters");
    }
  }
}

void comes_back(const v1::Item& item) {
  const auto bytes = domain::content_bytes(item);
  const auto again = domain::decode_protobuf(bytes);
  require(again.has_value() && domain::content_bytes(*again) == bytes, "an accepted item comes back from its bytes");
  const auto json = domain::decode_json(domain::encode_json(item));
  require(json.has_value() && domain::content_bytes(*json) == bytes, "an accepted item comes back from its JSON");
  require(domain::differing_fields(item, *json).empty(), "an item differs in nothing from itself");
}

}  // namespace

// An input that begins with { is JSON; of others the first byte is passed over and the rest is protobuf.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto read =
      data[0] == '{' ? domain::decode_json({reinterpret_cast<const char*>(data), size}) : domain::decode_protobuf(rest);
  if (!read) {
    require(!read.error().what.empty() && !read.error().todo.empty(), "a refusal says what is wrong and what to do");
    can_be_sent(read.error().problems);
    return 0;
  }
  const auto item = domain::normalised(*read);
  require(domain::content_bytes(domain::normalised(item)) == domain::content_bytes(item),
          "normalising twice changes nothing more");
  const Date today{std::chrono::year{2026}, std::chrono::month{8}, std::chrono::day{20}};
  const auto problems = domain::check_item(item, catalogue(), today);
  can_be_sent(problems);
  bool facts = true;
  for (const auto& problem : problems) facts = facts && problem.path().rfind("structured", 0) != 0;
  if (facts) comes_back(item);
  return 0;
}
