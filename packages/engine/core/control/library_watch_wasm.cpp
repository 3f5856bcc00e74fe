// SPDX-License-Identifier: MIT
// No library is ever loaded here, so none is built anew.
#include "control/library_watch.hpp"

namespace arranger {

void LibraryWatch::watch(const std::filesystem::path &, bool) {}
void LibraryWatch::forget(const std::filesystem::path &) {}
std::vector<std::filesystem::path> LibraryWatch::paths() const { return {}; }
std::vector<std::filesystem::path> LibraryWatch::changed(Time) { return {}; }
void LibraryWatch::again(const std::filesystem::path &) {}
bool LibraryWatch::is_settled(const std::filesystem::path &) const { return true; }

}  // namespace arranger
