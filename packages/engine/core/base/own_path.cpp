// SPDX-License-Identifier: MIT
#include "base/own_path.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"

#include <string>
#elif defined(__linux__)
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#elif defined(__APPLE__)
#include <dlfcn.h>

#include <system_error>
#endif

namespace arranger {
namespace {

[[maybe_unused]] const char anchor = 0;

std::filesystem::path find_own_path() {
#if defined(_WIN32)
  HMODULE module = nullptr;
  constexpr DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
  if (!::GetModuleHandleExW(flags, reinterpret_cast<LPCWSTR>(&anchor), &module)) return {};
  std::wstring name(32768, L'\0');
  name.resize(::GetModuleFileNameW(module, name.data(), static_cast<DWORD>(name.size())));
  return name;
#elif defined(__linux__)
  // The kernel's list: dladdr gives a main program's argv[0], and a relative path after a change of directory is wrong.
  std::FILE *maps = std::fopen("/proc/self/maps", "re");
  if (!maps) return {};
  const auto address = reinterpret_cast<std::uintptr_t>(&anchor);
  std::filesystem::path found;
  char line[8192];
  while (found.empty() && std::fgets(line, sizeof line, maps)) {
    std::uintptr_t start = 0, end = 0;
    int name_at = 0;
    if (std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*s %*s %*s %*s %n", &start, &end, &name_at) != 2) continue;
    if (address < start || address >= end || line[name_at] != '/') continue;
    line[std::strcspn(line, "\n")] = '\0';
    found = line + name_at;
  }
  std::fclose(maps);
  return found;
#elif defined(__APPLE__)
  Dl_info image = {};
  if (!::dladdr(&anchor, &image) || !image.dli_fname) return {};
  std::error_code error;
  return std::filesystem::weakly_canonical(image.dli_fname, error);
#else
  return {};
#endif
}

}  // namespace

const std::filesystem::path &own_path() {
  static const std::filesystem::path path = find_own_path();
  return path;
}

}  // namespace arranger
