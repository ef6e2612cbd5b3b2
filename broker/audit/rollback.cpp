#include "broker/audit/rollback.h"

#include "broker/audit/checkpoint.h"

namespace fabu::audit {
namespace {

Error refused(std::string what) {
  return Error{
      ErrorCode::corrupt,
      "log",
      std::move(what),
      "Do not go on with this store: restore one that is at least as new as the signed checkpoint. docs/audit.md tells how.",
      {}};
}

}  // namespace

Result<void> check_not_rolled_back(const TileSource& tree, std::uint64_t size, const Digest& root,
                                   const std::string& last_signed_note, std::span<const VerifierKey> known) {
  const auto own = root_at(tree, size);
  if (!own) return own.error();
  if (*own != root) return refused("The stored tiles do not give the log's root.");
  if (last_signed_note.empty()) return {};
  const auto last = open_checkpoint(last_signed_note, known);
  if (!last) return last.error();
  if (last->size > size) {
    return refused("The store has " + std::to_string(size) + " records, but a checkpoint over " + std::to_string(last->size) +
                   " was signed.");
  }
  const auto then = root_at(tree, last->size);
  if (!then) return then.error();
  if (*then != last->root) return refused("The first " + std::to_string(last->size) + " records are not those that were signed.");
  return {};
}

}  // namespace fabu::audit
