// Base64 of RFC 4648 section 4, as signed notes, checkpoints and proofs write hashes and signatures.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fabu::audit {

std::string base64(std::string_view bytes);
// Strict: padded, no white space, and the unused bits of the last character zero, so that bytes have one spelling only.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace fabu::audit
