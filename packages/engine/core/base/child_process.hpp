// SPDX-License-Identifier: MIT
// Runs a program that may crash or hang and reports over a pipe of its own.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace arranger {

struct ChildOutcome {
  bool started = false;
  std::string start_error;  // why it was not started
  bool timed_out = false;   // it was killed at the limit
  int signal = 0;           // POSIX: the signal that ended it
  unsigned exit_code = 0;   // Windows: also the exception that ended it
};

// Runs `program` with `arguments` (UTF-8); its standard streams lead nowhere. The child finds the pipe as file
// descriptor report_descriptor; on Windows the first argument is the pipe's handle in decimal. `hear` is given each line
// that it writes there and returns false for the last. The child is killed when it is silent for `limit`. Safe in a
// process with many threads: nothing forks, only the own child is waited for. [control]
ChildOutcome run_child(const std::filesystem::path &program, const std::vector<std::string> &arguments,
                       const std::function<bool(std::string_view line)> &hear, std::chrono::milliseconds limit);

inline constexpr int report_descriptor = 3;

// "SIGSEGV", or "signal 42". Any thread.
std::string signal_name(int signal);

}  // namespace arranger
