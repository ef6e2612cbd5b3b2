// The log's private key: Ed25519 in a file that only its owner reads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "broker/audit/checkpoint.h"
#include "broker/audit/note.h"
#include "broker/audit/verifier_key.h"
#include "broker/domain/result.h"

namespace fabu::audit {

// Signs notes. Immutable; thread-safe. Movable.
class SigningKey {
 public:
  // Loads the key from `path` (PKCS#8 PEM), or makes one when there is no such file: mode 0600, synced, and never in the place
  // of another (O_EXCL, then linked under its name). `name` is the log's origin, in which the key signs. Fails: forbidden when
  // group or others may read the file, corrupt when it is no Ed25519 key, io.
  static Result<SigningKey> load_or_make(const std::string& path, const std::string& name);
  // Loads only. Fails: not_found too.
  static Result<SigningKey> load(const std::string& path, const std::string& name);
  // From the 32 bytes of RFC 8032 section 5.1.5: published test keys.
  static Result<SigningKey> from_seed(std::string_view seed, const std::string& name);

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  const VerifierKey& verifier() const { return verifier_; }
  // The line to publish: name+hash+base64.
  std::string verifier_text() const { return verifier_.text(); }
  NoteSignature sign(std::string_view text) const;
  // As a witness does: C2SP tlog-cosignature/v1 at `unix_seconds`, with this key under the witness's name.
  NoteSignature cosign(std::string_view text, std::uint64_t unix_seconds) const;
  // The signed note of the head (size, root) of the log whose origin is the key's name.
  std::string sign_checkpoint(std::uint64_t size, const Digest& root) const;

 private:
  struct Private;
  SigningKey(std::unique_ptr<Private>, VerifierKey);

  std::unique_ptr<Private> private_;
  VerifierKey verifier_;
};

}  // namespace fabu::audit
