// SPDX-License-Identifier: MIT
#include "process_facts.hpp"

#if defined(__linux__)
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#endif

namespace arranger::validate {

#if defined(__linux__)

namespace {

int entries_in(const char *folder) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(folder, error);
  return error ? 0 : static_cast<int>(std::distance(begin(entries), end(entries)));
}

}  // namespace

std::optional<ProcessFacts> process_facts() {
  std::ifstream memory("/proc/self/statm");
  std::int64_t all_pages = 0, resident_pages = 0;
  if (!(memory >> all_pages >> resident_pages)) return std::nullopt;
  return ProcessFacts{resident_pages * ::sysconf(_SC_PAGESIZE), entries_in("/proc/self/fd"),
                      entries_in("/proc/self/task")};
}

int mappings_of(std::string_view file_name) {
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    // A file that was deleted since it was mapped says so behind its name.
    if (const auto deleted = line.rfind(" (deleted)"); deleted != std::string::npos) line.resize(deleted);
    if (line.ends_with("/" + std::string(file_name))) ++count;
  }
  return count;
}

#else

std::optional<ProcessFacts> process_facts() { return std::nullopt; }
int mappings_of(std::string_view) { return 0; }

#endif

}  // namespace arranger::validate
