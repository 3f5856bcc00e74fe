// SPDX-License-Identifier: MIT
// Directories for files that nobody else may touch. They are for all processes of a user: to make one for a file takes a
// file system far longer than to make the file.
#pragma once

#include <filesystem>
#include <vector>

#include "base/error.hpp"

namespace arranger {

// Where private directories may be: in memory where the system has a place for that (Linux, unless TMPDIR is set), then in
// the system's temporary directory. [control]
std::vector<std::filesystem::path> private_places();

// This user's directory in such a place, made where it is missing. The first call removes what processes left in it that
// were ended before they could. Errors: io_error, also where it is open to others. [control]
Result<std::filesystem::path> private_directory(const std::filesystem::path &place);

// A file name for them, made of `name`, that no other call and no other process is given. Any thread.
std::filesystem::path private_name(const std::filesystem::path &name);

// Removes the files in `directory` with names that private_name gave to processes that are gone, unless they are so new
// that the process may be one that cannot be seen from here (another container). [control]
void remove_abandoned_files(const std::filesystem::path &directory);

// The system's number of this process. Any thread.
unsigned long process_id();

}  // namespace arranger
