// SPDX-License-Identifier: MIT
// arranger-validate: runs every check of a plugin library in a process of its own and tells what it found as JSON.
//
//   arranger-validate LIB [--only CHECK]… [--plugin ID]… [--config key=value]… [--timeout SECONDS] [--jobs N] [--thorough]
//   arranger-validate --list
#include <string>
#include <vector>

#include "base/child_side.hpp"
#include "base/command_line.hpp"
#include "child.hpp"
#include "run.hpp"

namespace {

using namespace arranger;

// A child is told by its first word, behind the pipe where that comes as one.
bool is_child(const std::vector<std::string> &words) {
  for (std::size_t i = 0; i < 2 && i < words.size(); ++i)
    if (words[i] == "--child") return true;
  return false;
}

}  // namespace

int main(int count, char **values) {
  std::vector<std::string> words = command_line(count, values);
  if (is_child(words)) begin_as_child(words);
  const auto arguments = validate::read_arguments(words);
  if (!arguments) return static_cast<int>(validate::refuse(validate::ExitCode::usage, arguments.error().message));
  if (!arguments->child.empty()) validate::be_child(*arguments);
  if (arguments->list) return validate::list_checks(), 0;
  return static_cast<int>(validate::run_all(*arguments));
}
