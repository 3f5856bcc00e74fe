// SPDX-License-Identifier: MIT
// What this process has taken of the system, to see whether it grows.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace arranger::validate {

struct ProcessFacts {
  std::int64_t resident_bytes = 0;
  int open_files = 0;
  int threads = 0;
};

// Nothing where the system does not say (it is read from /proc).
std::optional<ProcessFacts> process_facts();

// How many mappings name a file that ends so.
int mappings_of(std::string_view file_name);

}  // namespace arranger::validate
