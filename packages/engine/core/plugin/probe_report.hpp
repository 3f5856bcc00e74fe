// SPDX-License-Identifier: MIT
// What passes between the engine and arranger-probe: a file with the libraries to probe, and lines over a pipe.
#pragma once

#include <string_view>

namespace arranger::probe_report {

// The file: for each library its name for people, the file to open, the folder of the original and the dependencies to
// open first; each ends with a NUL, and one more NUL ends the library.

// The lines: a word and, after a space, its text. Libraries are taken in the order of the file, up to the first that is
// refused.
inline constexpr std::string_view phase = "phase";      // what is called now, as a message names it
inline constexpr std::string_view passed = "passed";    // one more library
inline constexpr std::string_view refused = "refused";  // an error code and a message; the last line
inline constexpr std::string_view done = "done";        // the last line: a plugin that calls exit(0) has not passed

inline constexpr std::string_view open = "its start-up code";
inline constexpr std::string_view register_plugin = "register_plugin";
inline constexpr std::string_view close = "its shut-down code";

}  // namespace arranger::probe_report
