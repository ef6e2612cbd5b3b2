#include "broker/cli/shipped.h"

namespace fabu::cli {

namespace fs = std::filesystem;

fs::path shipped(const fs::path& name) {
  std::error_code ec;
  const fs::path program = fs::read_symlink("/proc/self/exe", ec);
  if (!ec) {
    const fs::path installed = program.parent_path().parent_path() / "share" / "fabu" / name;
    if (fs::exists(installed, ec)) return installed;
  }
  return fs::path(FABU_SOURCE_DIR) / name;
}

fs::path shipped_catalogue() {
  return shipped("catalogue/catalogue.yaml");
}

}  // namespace fabu::cli
