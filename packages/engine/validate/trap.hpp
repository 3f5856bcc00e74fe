// SPDX-License-Identifier: MIT
// What was called on the watched thread that may not be called there, and who called it.
#pragma once

#include <filesystem>
#include <string>

namespace arranger::validate {

// Whether anything is watched at all: the watch needs glibc, and no sanitizer in its place.
bool trap_works();
// Forgets what was seen.
void set_trap();
// "malloc (allocation), called by Chorus::grow(int) (chorus.so+0x1234), by …"; empty when nothing was. `library`: the file
// of the plugin, which has the names of its functions.
std::string trapped(const std::filesystem::path &library);

}  // namespace arranger::validate
