// SPDX-License-Identifier: MIT
// The lines that arranger-probe writes to its pipe. Each is a word and, after a space, its text.
#pragma once

#include <string_view>

namespace arranger::probe_report {

inline constexpr std::string_view phase = "phase";      // one of those below
inline constexpr std::string_view refused = "refused";  // an error code and a message; the last line
inline constexpr std::string_view passed = "passed";    // the last line: a plugin that calls exit(0) has not passed

inline constexpr std::string_view open = "open";
inline constexpr std::string_view register_plugin = "register";
inline constexpr std::string_view close = "close";

}  // namespace arranger::probe_report
