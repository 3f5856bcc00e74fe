// SPDX-License-Identifier: MIT
// One check in a process of its own, and what its parent learns of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"

namespace arranger::validate {

enum class Verdict { passed, failed, skipped };

struct Finding {
  Verdict verdict = Verdict::failed;
  std::string reason;
  double seconds = 0;
};

// What a library has, as a child has found out.
struct Survey {
  std::string failure;  // why it could not; empty when it could
  std::vector<std::string> plugins;
  std::vector<std::string> config_params;
};

// In the parent. Any number at once.
Finding run_check_in_child(const Arguments &arguments, const std::string &check, const std::string &plugin);
Survey survey_in_child(const Arguments &arguments);

// In the child: does what --child names, reports, and ends the process.
[[noreturn]] void be_child(const Arguments &arguments);

}  // namespace arranger::validate
