// The log as the public may read it: what the newest checkpoint covers.
#pragma once

#include "broker/audit/log_files.h"
#include "broker/flow/sealer.h"
#include "broker/store/store.h"

namespace fabu::flow {

// One view, for one request: the checkpoint it was made with decides what it shows. Blocks on the store.
class PublishedLog final : public audit::LogSource {
 public:
  PublishedLog(store::Store& store, const Sealer& sealer) : store_(store), newest_(sealer.newest()) {}

  Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index, unsigned width) const override {
    return store_.tile(level, index, width);
  }
  std::string checkpoint_note() override { return newest_.note; }
  std::uint64_t checkpoint_size() override { return newest_.size; }
  Result<std::vector<std::string>> entries(std::uint64_t first, std::size_t count) override {
    return store_.log_entries(first, count);
  }

 private:
  store::Store& store_;
  const store::StoredCheckpoint newest_;
};

}  // namespace fabu::flow
