// SPDX-License-Identifier: MIT
// arranger-validate: runs every check of a plugin library in a process of its own and tells what it found as JSON.
//
//   arranger-validate LIB [--only CHECK]… [--plugin ID]… [--config key=value]… [--timeout SECONDS] [--jobs N] [--thorough]
//   arranger-validate --list
#include <string>
#include <vector>

#include "base/child_side.hpp"
#include "child.hpp"
#include "run.hpp"

#if defined(_WIN32)
#include "base/file.hpp"
#include "base/windows.hpp"
// After windows.h.
#include <shellapi.h>
#endif

namespace {

using namespace arranger;

std::vector<std::string> words_of([[maybe_unused]] int count, [[maybe_unused]] char **values) {
  std::vector<std::string> words;
#if defined(_WIN32)
  int wide_count = 0;
  wchar_t **const wide = ::CommandLineToArgvW(::GetCommandLineW(), &wide_count);
  for (int i = 1; wide && i < wide_count; ++i) words.push_back(to_utf8(std::filesystem::path(wide[i])));
#else
  words.assign(values + 1, values + count);
#endif
  return words;
}

// A child is told by its first word, behind the pipe where that comes as one.
bool is_child(const std::vector<std::string> &words) {
  for (std::size_t i = 0; i < 2 && i < words.size(); ++i)
    if (words[i] == "--child") return true;
  return false;
}

}  // namespace

int main(int count, char **values) {
  std::vector<std::string> words = words_of(count, values);
  if (is_child(words)) begin_as_child(words);
  const auto arguments = validate::read_arguments(words);
  if (!arguments) return static_cast<int>(validate::refuse(validate::ExitCode::usage, arguments.error().message));
  if (!arguments->child.empty()) validate::be_child(*arguments);
  if (arguments->list) return validate::list_checks(), 0;
  return static_cast<int>(validate::run_all(*arguments));
}
