// SPDX-License-Identifier: MIT
// The child's side of run_child: a program that a library may crash.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace arranger {

// Takes the pipe from the arguments where the system hands it over there, and lets this process die quickly and with its
// parent: default signals, no core, nothing of the parent's files. Once, before anything else.
void begin_as_child(std::vector<std::string> &arguments);

// Writes a line to the parent; line breaks in it become spaces.
void report_line(std::string line);

// Ends at once: no destructor of a library runs any more.
[[noreturn]] void leave_child(int code);

}  // namespace arranger
