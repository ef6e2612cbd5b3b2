// Whatever a catalogue file holds: it is read, and every entry is found by its code, or every fault is named with its place.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "broker/domain/catalogue.h"
#include "broker/domain/text_rules.h"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fabu;
  const auto read = domain::Catalogue::parse({reinterpret_cast<const char*>(data), size}, "f.yaml");
  if (!read) {
    require(!read.error().problems.empty(), "a refusal names a fault");
    const auto error = read.error();
    for (const auto& problem : error.problems) {
      require(problem.path().rfind("f.yaml", 0) == 0, "a fault has its place");
      require(!problem.what().empty() && !problem.todo().empty(), "a fault says what is wrong and what to do");
      require(domain::is_utf8(problem.what()) && domain::is_utf8(problem.todo()), "what is said is UTF-8");
    }
    return 0;
  }
  require(!read->entries().empty(), "a catalogue has entries");
  for (const auto& entry : read->entries()) {
    require(read->find(entry.code) == &entry, "an entry is found by its code");
    require(read->domain(entry.domain) != nullptr, "an entry's domain is there");
    require(!entry.channels.empty() && entry.deadline.count > 0 && entry.stage != v1::STAGE_UNSPECIFIED, "an entry is whole");
  }
  return 0;
}
