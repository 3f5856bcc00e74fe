// SPDX-License-Identifier: MIT
// The command line of arranger-validate.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "subject.hpp"

namespace arranger::validate {

struct Arguments {
  std::filesystem::path library;
  std::vector<std::string> only;     // names of checks; empty = all
  std::vector<std::string> plugins;  // ids; empty = all of the library
  std::vector<Setting> settings;
  std::chrono::milliseconds limit{10'000};  // of each check
  int jobs = 0;                             // at a time; 0 = as many as processors
  bool list = false;
  bool thorough = false;
  std::string child;  // run this one here; the parent's own use

  // As a child is started with.
  std::vector<std::string> for_child(const std::string &check, const std::string &plugin) const;
};

// Error: invalid_request, with what was expected.
Result<Arguments> read_arguments(const std::vector<std::string> &words);

}  // namespace arranger::validate
