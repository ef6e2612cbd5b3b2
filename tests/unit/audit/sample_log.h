// A log as a broker leaves it, small enough to break in every way.
#pragma once

#include <fabu/v1/audit.pb.h>

#include <map>
#include <string>
#include <vector>

#include "broker/audit/bundle.h"
#include "broker/audit/log_files.h"
#include "broker/audit/log_reader.h"
#include "broker/audit/records.h"
#include "broker/audit/signing_key.h"
#include "broker/audit/verdict.h"
#include "unit/audit/vectors.h"

namespace fabu::audit {

inline constexpr const char* kOrigin = "fabu.example/log";

const SigningKey& log_key();
std::vector<VerifierKey> trusted();
const Caller& department();

// Drafts placed in turn: entries, openings, the tree. Time goes 1 s a record.
class SampleLog {
 public:
  Leaf append(const Draft&);
  // Places a leaf whose bytes the test made itself.
  void append_raw(const std::string& bytes);
  const std::vector<std::string>& entries() const { return entries_; }
  const std::vector<v1::Opening>& openings() const { return openings_; }
  const MemoryTree& tree() const { return tree_; }
  std::string checkpoint() const { return log_key().sign_checkpoint(entries_.size(), tree_.edge().root()); }
  // Every file of the log by its path.
  std::map<std::string, std::string> files() const;

 private:
  std::vector<std::string> entries_;
  std::vector<v1::Opening> openings_;
  MemoryTree tree_;
  std::map<std::uint64_t, Digest> newest_;
  Instant time_ = from_ms(1'790'000'000'000);
};

// The log's files held in memory.
class MemoryReader final : public LogReader {
 public:
  explicit MemoryReader(std::map<std::string, std::string> held) : files(std::move(held)) {}
  Result<std::string> read(const std::string& path) override;
  std::map<std::string, std::string> files;
};

v1::Edition edition_of(std::uint64_t item, std::uint32_t number, v1::EditionKind kind);
v1::Delivery delivery_of(const v1::Edition&, const std::string& channel);

// Item 1: received, corrected, withdrawn, on two channels, with a failure, an observation and a review. Item 2 in between. 22
// records, 15 of them item 1's.
struct SampleItem {
  SampleLog log;
  std::vector<v1::Edition> editions;
  std::vector<v1::Delivery> deliveries;
  std::vector<std::string> records;  // of item 1
  v1::EvidenceBundle bundle() const;
};
SampleItem sample_item();

// A log of about `records` records over many items, past several tiles.
SampleLog long_log(std::size_t records);

// "record: record 5 …": the fault and what is said of it.
std::string label(const Verdict&);

}  // namespace fabu::audit
