// Files that come with the program: found beside an installed binary, else in the source tree that it was built from.
#pragma once

#include <filesystem>

namespace fabu::cli {

// The catalogue of the five public-resource domains and the bureau's own information.
std::filesystem::path shipped_catalogue();
// Templates and styles of the public pages.
std::filesystem::path shipped_templates();

}  // namespace fabu::cli
