#include "broker/audit/signing_key.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace fabu::audit {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr std::size_t kMaxKeyFile = 16384;

// A file descriptor that closes itself.
struct File {
  int fd = -1;
  explicit File(int opened) : fd(opened) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
};

Error failed(const std::string& path, const char* doing) {
  return Error{errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
               path,
               std::string(doing) + ": " + std::strerror(errno),
               "See to the folder's owner, mode and free space.",
               {}};
}

Error no_key(const std::string& path) {
  return Error{
      ErrorCode::corrupt, path, "This is not an Ed25519 key in PKCS#8 PEM.", "Restore the log's key from its backup.", {}};
}

Result<std::string> read_private(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) return failed(path, "cannot open the signing key");
  struct stat status {};
  if (::fstat(file.fd, &status) != 0) return failed(path, "cannot examine the signing key");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{ErrorCode::forbidden,
                 path,
                 "Others may read the log's signing key.",
                 "chmod 600 " + path + ", and think about who read it.",
                 {}};
  }
  std::string bytes(kMaxKeyFile, '\0');
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto n = ::read(file.fd, bytes.data() + length, bytes.size() - length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "cannot read the signing key");
    if (n == 0) break;
    length += static_cast<std::size_t>(n);
  }
  bytes.resize(length);
  return bytes;
}

Result<void> sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.fd < 0 || ::fsync(handle.fd) != 0) return failed(path, "cannot sync the folder of the signing key");
  return {};
}

// The whole key is on the disk under another name before it gets its own: a crash leaves no half key, and of two that start
// at once one wins and the other loads the winner's.
Result<void> write_private(const std::string& path, std::string_view bytes) {
  std::string draft = path + ".new.XXXXXX";
  {
    const File file(::mkostemp(draft.data(), O_CLOEXEC));  // O_EXCL, mode 0600
    if (file.fd < 0) return failed(draft, "cannot make the signing key");
    const auto n = ::write(file.fd, bytes.data(), bytes.size());
    if (n != static_cast<ssize_t>(bytes.size()) || ::fsync(file.fd) != 0) {
      const auto error = failed(draft, "cannot write the signing key");
      ::unlink(draft.c_str());
      return error;
    }
  }
  const bool linked = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const auto error = failed(path, "cannot place the signing key");
  ::unlink(draft.c_str());
  if (!linked) return error;
  return sync_folder_of(path);
}

std::string to_pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot write an Ed25519 key");
  }
  char* data = nullptr;
  const auto length = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

std::string raw_public(EVP_PKEY* key) {
  std::array<unsigned char, 32> bytes{};
  std::size_t length = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, bytes.data(), &length) != 1)
    throw std::runtime_error("OpenSSL cannot read an Ed25519 key");
  return {reinterpret_cast<const char*>(bytes.data()), length};
}

int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

struct SigningKey::Private {
  Key key{nullptr, EVP_PKEY_free};

  std::string sign(std::string_view message) const {
    std::string signature(64, '\0');
    std::size_t length = signature.size();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1) {
      throw std::runtime_error("OpenSSL cannot sign with the log's key");
    }
    return signature;
  }
};

SigningKey::SigningKey(std::unique_ptr<Private> key, VerifierKey verifier)
    : private_(std::move(key)), verifier_(std::move(verifier)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::load(const std::string& path, const std::string& name) {
  if (!is_key_name(name)) {
    return Error{ErrorCode::invalid,
                 "origin",
                 "`" + name + "` cannot name a log.",
                 "Use a host and path without spaces or plus signs.",
                 {}};
  }
  const auto pem = read_private(path);
  if (!pem) return pem.error();
  const Bio bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())), BIO_free);
  auto held = std::make_unique<Private>();
  held->key.reset(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!held->key || EVP_PKEY_get_base_id(held->key.get()) != EVP_PKEY_ED25519) return no_key(path);
  VerifierKey verifier{name, KeyType::ed25519, raw_public(held->key.get())};
  return SigningKey(std::move(held), std::move(verifier));
}

Result<SigningKey> SigningKey::load_or_make(const std::string& path, const std::string& name) {
  auto stored = load(path, name);
  if (stored || stored.error().code != ErrorCode::not_found) return stored;
  const Key made(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  if (!made) return Error{ErrorCode::io, path, "OpenSSL cannot make an Ed25519 key.", "See to OpenSSL's configuration.", {}};
  if (const auto written = write_private(path, to_pem(made.get())); !written) return written.error();
  return load(path, name);
}

Result<SigningKey> SigningKey::from_seed(std::string_view seed, const std::string& name) {
  auto held = std::make_unique<Private>();
  held->key.reset(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
  if (!held->key || !is_key_name(name)) return no_key("seed");
  VerifierKey verifier{name, KeyType::ed25519, raw_public(held->key.get())};
  return SigningKey(std::move(held), std::move(verifier));
}

NoteSignature SigningKey::sign(std::string_view text) const {
  return {verifier_.name, verifier_.id(), private_->sign(text)};
}

NoteSignature SigningKey::cosign(std::string_view text, std::uint64_t unix_seconds) const {
  std::string blob;
  for (int shift = 56; shift >= 0; shift -= 8) blob += static_cast<char>(unix_seconds >> shift & 255);
  blob += private_->sign(cosigned_message(unix_seconds, text));
  return {verifier_.name, key_id(verifier_.name, KeyType::cosignature, verifier_.public_key), std::move(blob)};
}

std::string SigningKey::sign_checkpoint(std::uint64_t size, const Digest& root) const {
  const Checkpoint head{verifier_.name, size, root};
  Note note{head.text(), {sign(head.text())}};
  return note.bytes();
}

}  // namespace fabu::audit
