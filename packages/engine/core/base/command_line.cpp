// SPDX-License-Identifier: MIT
#include "base/command_line.hpp"

#if defined(_WIN32)
#include "base/file.hpp"
#include "base/windows.hpp"
// After windows.h.
#include <shellapi.h>
#endif

namespace arranger {

std::vector<std::string> command_line([[maybe_unused]] int count, [[maybe_unused]] char **values) {
  std::vector<std::string> words;
#if defined(_WIN32)
  int wide_count = 0;
  wchar_t **const wide = ::CommandLineToArgvW(::GetCommandLineW(), &wide_count);
  for (int i = 1; wide && i < wide_count; ++i) words.push_back(to_utf8(std::filesystem::path(wide[i])));
#else
  if (count > 1) words.assign(values + 1, values + count);
#endif
  return words;
}

}  // namespace arranger
