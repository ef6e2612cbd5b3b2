// Writes the sample log as files, for tools that are not ours: DIR/log/…, DIR/item1.bundle, DIR/record5.tlog-proof, DIR/log.vkey,
// DIR/record5.entry. The fuzzer's seeds are made of them too.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "broker/audit/tlog_proof.h"
#include "unit/audit/sample_log.h"

namespace {

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: audit_sample_files DIR\n";
    return 2;
  }
  using namespace fabu::audit;  // NOLINT: a program of one page
  const std::filesystem::path folder = argv[1];
  const auto sample = sample_item();
  for (const auto& [path, bytes] : sample.log.files()) write(folder / "log" / path, bytes);
  write(folder / "item1.bundle", sample.bundle().SerializeAsString());
  write(folder / "log.vkey", log_key().verifier_text() + "\n");
  write(folder / "record5.entry", sample.log.entries()[5]);
  const auto size = sample.log.entries().size();
  write(folder / "record5.tlog-proof",
        TlogProof{{}, 5, inclusion_proof(sample.log.tree(), 5, size).value(), sample.log.checkpoint()}.text());
  return 0;
}
