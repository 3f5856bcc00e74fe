// SPDX-License-Identifier: MIT
#include "base/cache_directory.hpp"

#include <cstdlib>

#include "base/file.hpp"

namespace arranger {
namespace {

// A folder that an environment variable names: from the root, or it would be another one after a change of directory.
std::filesystem::path folder_in(const char *variable) {
  const char *value = std::getenv(variable);
  const std::filesystem::path path = value ? from_utf8(value) : std::filesystem::path();
  return path.is_absolute() ? path : std::filesystem::path();
}

}  // namespace

std::filesystem::path cache_directory() {
  if (std::getenv("ARRANGER_CACHE_DIR")) return folder_in("ARRANGER_CACHE_DIR");
#if defined(_WIN32)
  const auto folder = folder_in("LOCALAPPDATA");
  return folder.empty() ? folder : folder / "arranger" / "cache";
#elif defined(__APPLE__)
  const auto home = folder_in("HOME");
  return home.empty() ? home : home / "Library" / "Caches" / "arranger";
#else
  if (const auto folder = folder_in("XDG_CACHE_HOME"); !folder.empty()) return folder / "arranger";
  const auto home = folder_in("HOME");
  return home.empty() ? home : home / ".cache" / "arranger";
#endif
}

}  // namespace arranger
