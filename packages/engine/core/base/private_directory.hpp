// SPDX-License-Identifier: MIT
// Directories for files that nobody else may touch, and the removal of those that were left behind.
#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace arranger {

// A new directory in the system's temporary directory that only this user may enter; its name has the process's number.
// The first call removes those of this user whose process was ended before it could. Errors: io_error. [control]
Result<std::filesystem::path> make_private_directory();

// Removes the directories that make_private_directory has made in `parent` for processes that are gone, unless they are
// so new that the process may be one that cannot be seen from here (another container). [control]
void remove_abandoned_directories(const std::filesystem::path &parent);

// The system's number of this process. Any thread.
unsigned long process_id();

}  // namespace arranger
