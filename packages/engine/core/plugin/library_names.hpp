// SPDX-License-Identifier: MIT
// The files that a path to libraries means.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/error.hpp"

namespace arranger {

struct FoundLibraries {
  std::vector<std::filesystem::path> files;
  std::optional<Error> error;  // io_error: a directory could not be read to its end
};

// A directory's libraries in the order of their names, also those of which there is only a build for some processors; any
// other path means itself. [control]
FoundLibraries find_libraries(const std::filesystem::path &path);
// The same of what has to be a directory. [control]
FoundLibraries libraries_in(const std::filesystem::path &directory);

}  // namespace arranger
