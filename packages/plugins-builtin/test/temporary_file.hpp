// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace harness {

// A file in a directory of its own, gone with it.
class TemporaryFile {
 public:
  TemporaryFile(const std::string &name, const std::string &bytes) {
    static int count = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 ("arranger-test-" + std::to_string(std::random_device()()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(directory_);
    path_ = (directory_ / name).string();
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { std::filesystem::remove_all(directory_); }
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;

  const std::string &path() const { return path_; }
  // Of another file in the same directory.
  std::string path(const std::string &name) const { return (directory_ / name).string(); }

 private:
  std::filesystem::path directory_;
  std::string path_;
};

}  // namespace harness
