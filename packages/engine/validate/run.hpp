// SPDX-License-Identifier: MIT
// All checks of a library, side by side, told in order.
#pragma once

#include "arguments.hpp"

namespace arranger::validate {

// Exit codes, as the `arranger` command has them.
enum class ExitCode { ok = 0, usage = 2, not_found = 3, invalid = 4 };

// Writes one JSON object per line to standard output: every finding, then the sum.
ExitCode run_all(const Arguments &arguments);
// All checks as one JSON array.
void list_checks();
// {"error":"…"} as the only line.
ExitCode refuse(ExitCode code, const std::string &message);

}  // namespace arranger::validate
