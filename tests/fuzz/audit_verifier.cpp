// What an auditor reads from strangers: bundles, notes, keys, proofs, paths and entry bundles. Nothing may crash, and what is
// accepted has one spelling. Bundles and entries are also mended (a tree is built over their records and signed), so that the
// checks behind the signature are reached.
#include <fabu/v1/audit.pb.h>
#include <google/protobuf/stubs/logging.h>

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/audit/checkpoint.h"
#include "broker/audit/note.h"
#include "broker/audit/signing_key.h"
#include "broker/audit/tlog_proof.h"
#include "broker/audit/tree.h"
#include "broker/audit/verify_bundle.h"
#include "broker/audit/verify_log.h"

namespace {

using namespace fabu;         // NOLINT: a fuzz target is one file
using namespace fabu::audit;  // NOLINT

constexpr int kMaxRecords = 64;

void require(bool holds) {
  if (!holds) std::abort();
}

// A tree of less than one tile, and a reader of its log.
class SmallLog final : public TileSource, public LogReader {
 public:
  SmallLog(std::vector<std::string> entries, const SigningKey& key) {
    std::vector<FullTile> filled;
    for (const auto& entry : entries) edge_.append(leaf_hash(entry), filled);
    checkpoint = key.sign_checkpoint(entries.size(), edge_.root());
    if (entries.empty()) return;
    const auto width = static_cast<unsigned>(entries.size());
    std::string leaves;
    for (const auto& hash : edge_.partial()[0]) leaves.append(hash.view());
    files_[tile_path(0, 0, width)] = leaves;
    files_[tile_path(-1, 0, width)] = entry_bundle(entries);
    files_["checkpoint"] = checkpoint;
  }
  Result<std::vector<Digest>> tile(unsigned, std::uint64_t, unsigned width) const override {
    return std::vector<Digest>(edge_.partial()[0].begin(), edge_.partial()[0].begin() + width);
  }
  Result<std::string> read(const std::string& path) override {
    if (const auto file = files_.find(path); file != files_.end()) return file->second;
    return Error{ErrorCode::not_found, path, "none", "", {}};
  }
  std::string checkpoint;

 private:
  Edge edge_;
  std::map<std::string, std::string> files_;
};

void verify_mended(std::string_view bytes, const SigningKey& key) {
  v1::EvidenceBundle bundle;
  if (!bundle.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || bundle.records_size() > kMaxRecords) return;
  const std::vector<std::string> records(bundle.records().begin(), bundle.records().end());
  const SmallLog log(records, key);
  bundle.set_format("fabu-evidence/1");
  bundle.set_origin(key.verifier().name);
  bundle.set_verifier_key(key.verifier_text());
  bundle.set_checkpoint(log.checkpoint);
  bundle.clear_proofs();
  for (std::uint64_t i = 0; i < records.size(); ++i) {
    auto& proof = *bundle.add_proofs();
    proof.set_index(i);
    for (const auto& hash : inclusion_proof(log, i, records.size()).value()) proof.add_path(hash.raw());
  }
  const auto verdict = verify_bundle(bundle.SerializeAsString(), {key.verifier()});
  require(verdict.ok == verdict.failure.empty() && verdict.ok == (verdict.fault == Fault::none));
}

void verify_as_log(std::string_view bytes, const SigningKey& key) {
  auto entries = parse_entry_bundle(bytes);
  if (!entries || entries->size() > kMaxRecords) return;
  require(entry_bundle(*entries) == bytes);
  SmallLog log(std::move(*entries), key);
  const auto verdict = verify_log(log, {{key.verifier()}, {}, 1000, {}});
  require(verdict.fault != Fault::leaf && verdict.fault != Fault::root && verdict.fault != Fault::signature);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = SigningKey::from_seed(std::string(32, '\1'), "fuzz.example/log").value();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)verify_bundle(bytes);
  verify_mended(bytes, key);
  verify_as_log(bytes, key);
  if (const auto note = Note::parse(bytes)) require(note->bytes() == bytes);
  if (const auto head = Checkpoint::parse(bytes)) require(head->text() == bytes);
  if (const auto name = parse_tile_path(bytes)) require(tile_path(name->level, name->index, name->width) == bytes);
  if (const auto proof = TlogProof::parse(bytes)) require(proof->text() == bytes);
  if (const auto verifier = VerifierKey::parse(bytes)) require(verifier->text() == bytes);
  require(!open_checkpoint(bytes, std::vector{key.verifier()}));
  return 0;
}
