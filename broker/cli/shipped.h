// Files that come with the program: found beside an installed binary, else in the source tree that it was built from.
#pragma once

#include <filesystem>

namespace fabu::cli {

// PREFIX/share/fabu/`name` when the binary is PREFIX/bin/fabu and that is there, else SOURCE/`name`.
std::filesystem::path shipped(const std::filesystem::path& name);

// The catalogue of the five public-resource domains and the bureau's own information.
std::filesystem::path shipped_catalogue();

}  // namespace fabu::cli
