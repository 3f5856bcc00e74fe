// SPDX-License-Identifier: MIT
// Which plugin libraries have been built anew. Looks at files, loads nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

#include "base/thread.hpp"

namespace arranger {

class LibraryWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // A file that is incomplete for so long will stay so.
  static constexpr std::chrono::seconds patience{2};

  // From now on; `is_loaded` when what is there now need not be loaded. The file need not exist. Any thread.
  void watch(const std::filesystem::path &library, bool is_loaded);
  void forget(const std::filesystem::path &library);
  std::vector<std::filesystem::path> paths() const;

  // Those to load now, each once per content: their files have been the same for two looks, for a linker writes for a
  // while, and complete, or incomplete for longer than patience. By one thread, a few times a second.
  std::vector<std::filesystem::path> changed(Time now);
  // It could not be loaded just now: `changed` names it once more. Any thread.
  void again(const std::filesystem::path &library);
  // Whether a file is as it was when `changed` named it: otherwise what came of loading it means nothing. Any thread.
  bool is_settled(const std::filesystem::path &library) const;

 private:
  // What tells two builds apart without reading them: of the file, and of its builds for some processors.
  struct FileState {
    std::filesystem::file_time_type written = std::filesystem::file_time_type::min();
    std::uintmax_t size = 0;
    bool operator==(const FileState &) const = default;
  };
  struct Watched {
    FileState loaded, seen;
    Time since{};  // when `seen` was new
  };
  static FileState state_of(const std::filesystem::path &library);

  mutable Mutex mutex_;
  std::map<std::filesystem::path, Watched> watched_;
};

}  // namespace arranger
