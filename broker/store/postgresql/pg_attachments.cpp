#include "broker/store/postgresql/pg_attachments.h"

#include <fstream>
#include <string>
#include <utility>

namespace fabu::store::pg {
namespace {

constexpr std::size_t kPiece = 1 << 20;

// From the checked copy into the database, in one transaction.
Result<std::uint64_t> upload(Connection& db, const Digest& digest, const std::filesystem::path& copy, std::uint64_t size) {
  std::ifstream in(copy, std::ios::binary);
  std::string piece(kPiece, '\0');
  db.run("BEGIN");
  const auto added = db.query("INSERT INTO attachment(digest, size) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
                              Values().bytes(digest.view()).number(static_cast<std::int64_t>(size)));
  std::uint64_t sent = added.changed() == 0 ? size : 0;  // somebody else has stored it
  for (std::int64_t place = 0; sent < size; ++place) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    if (got == 0) break;
    db.query("INSERT INTO attachment_piece(digest, place, bytes) VALUES ($1, $2, $3)",
             Values().bytes(digest.view()).number(place).bytes(std::string_view(piece).substr(0, got)));
    sent += got;
  }
  if (sent < size) {
    db.run("ROLLBACK");
    return Error{ErrorCode::io, copy.string(), "The copy of the file cannot be read.", "Send it again.", {}};
  }
  db.run("COMMIT");
  return size;
}

}  // namespace

class PgAttachmentWriter final : public AttachmentWriter {
 public:
  PgAttachmentWriter(PgAttachments& whose, Digest digest, std::unique_ptr<AttachmentWriter> copy)
      : whose_(whose), digest_(digest), copy_(std::move(copy)) {}

  Result<void> append(std::string_view bytes) override { return copy_->append(bytes); }
  Result<std::uint64_t> finish() override {
    const auto size = copy_->finish();
    if (!size) return size;
    return whose_.store(digest_, *size);
  }

 private:
  PgAttachments& whose_;
  Digest digest_;
  std::unique_ptr<AttachmentWriter> copy_;
};

// The bytes first: what the database names is there.
Result<std::uint64_t> PgAttachments::store(const Digest& digest, std::uint64_t size) {
  if (!bucket_) return pool_.run<std::uint64_t>([&](Connection& db) { return upload(db, digest, copies_.path(digest), size); });
  const auto known = this->size(digest);
  if (!known) return known.error();
  if (*known) return size;
  if (const auto put = bucket_->put(digest, copies_.path(digest), size); !put) return put.error();
  return pool_.run<std::uint64_t>([&](Connection& db) -> Result<std::uint64_t> {
    db.query("INSERT INTO attachment(digest, size) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
             Values().bytes(digest.view()).number(static_cast<std::int64_t>(size)));
    return size;
  });
}

Result<std::unique_ptr<AttachmentWriter>> PgAttachments::write(const Digest& digest, std::uint64_t max_size) {
  auto copy = copies_.write(digest, max_size);
  if (!copy) return copy.error();
  return std::unique_ptr<AttachmentWriter>(std::make_unique<PgAttachmentWriter>(*this, digest, std::move(*copy)));
}

Result<std::uint64_t> PgAttachments::store_copy(const Digest& digest) {
  const auto size = copies_.size(digest);
  if (!size) return size.error();
  if (!*size) return Error{ErrorCode::not_found, "attachment", "No file has this digest.", {}, {}};
  return store(digest, **size);
}

Result<std::optional<std::uint64_t>> PgAttachments::size(const Digest& digest) {
  using Size = std::optional<std::uint64_t>;
  return pool_.run<Size>([&](Connection& db) -> Result<Size> {
    const auto rows = db.query("SELECT size FROM attachment WHERE digest = $1", Values().bytes(digest.view()));
    return rows.count() == 0 ? Size{} : Size{static_cast<std::uint64_t>(rows.number(0, 0))};
  });
}

Result<std::string> PgAttachments::path(const Digest& digest) {
  const auto stored = size(digest);
  if (!stored) return stored.error();
  if (!*stored)
    return Error{
        ErrorCode::not_found, "attachment", "No file has this digest.", "Send it: PUT /v1/attachments/" + digest.hex(), {}};
  const auto here = copies_.size(digest);
  if (!here) return here.error();
  if (!*here) {
    if (const auto copied = copy(digest, **stored); !copied) return copied.error();
  }
  return copies_.path(digest).string();
}

Result<void> PgAttachments::copy(const Digest& digest, std::uint64_t size) {
  auto bytes = piece(digest, 0);
  if (!bytes) return bytes.error();
  if (bytes->empty() && bucket_) return bucket_->get(digest, [&] { return copies_.write(digest, size); });
  auto writer = copies_.write(digest, size);
  if (!writer) return writer.error();
  for (std::int64_t place = 1; !bytes->empty(); ++place) {
    if (const auto written = (*writer)->append(*bytes); !written) return written.error();
    bytes = piece(digest, place);
    if (!bytes) return bytes.error();
  }
  const auto finished = (*writer)->finish();
  if (!finished) return finished.error();
  return {};
}

// Empty: there is none.
Result<std::string> PgAttachments::piece(const Digest& digest, std::int64_t place) {
  return pool_.run<std::string>([&](Connection& db) -> Result<std::string> {
    const auto rows = db.query("SELECT bytes FROM attachment_piece WHERE digest = $1 AND place = $2",
                               Values().bytes(digest.view()).number(place));
    return rows.count() == 0 ? std::string() : rows.string(0, 0);
  });
}

}  // namespace fabu::store::pg
