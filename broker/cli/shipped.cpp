#include "broker/cli/shipped.h"

namespace fabu::cli {

namespace fs = std::filesystem;

namespace {

fs::path shipped(const fs::path& installed_name, const fs::path& source_name) {
  std::error_code ec;
  const fs::path program = fs::read_symlink("/proc/self/exe", ec);
  if (!ec) {
    const fs::path installed = program.parent_path().parent_path() / "share" / "fabu" / installed_name;
    if (fs::exists(installed, ec)) return installed;
  }
  return fs::path(FABU_SOURCE_DIR) / source_name;
}

}  // namespace

fs::path shipped_catalogue() {
  return shipped("catalogue.yaml", "broker/domain/data/catalogue.yaml");
}

fs::path shipped_templates() {
  return shipped("web/site", "web/site");
}

}  // namespace fabu::cli
