// Text that enters a record: within its bound, and always readable again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fabu::audit {

// `text` as valid UTF-8 of at most `bound` bytes: what is not UTF-8 becomes U+FFFD, and the cut falls between characters. A
// record that held anything else could be written but never parsed (proto3 strings). Idempotent; pure.
std::string bounded_text(std::string_view text, std::size_t bound);

}  // namespace fabu::audit
