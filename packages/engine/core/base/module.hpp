// SPDX-License-Identifier: MIT
// The system's part of loading libraries: a private copy of a file, and the handle of an opened library.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace arranger {

// A file in the private directory under a name of its own; removed with the object.
class PrivateCopy {
 public:
  PrivateCopy() = default;
  PrivateCopy(PrivateCopy &&other) noexcept : file_(std::exchange(other.file_, {})) {}
  PrivateCopy &operator=(PrivateCopy &&other) noexcept;
  ~PrivateCopy() { remove(); }

  // Errors: io_error. [control]
  static Result<PrivateCopy> make(std::span<const std::byte> bytes, const std::filesystem::path &file_name);
  const std::filesystem::path &file() const { return file_; }
  void remove();

 private:
  std::filesystem::path file_;
};

// An opened shared library and the dependencies that were opened for it; closed with the object.
class Module {
 public:
  Module() = default;
  Module(Module &&other) noexcept : handles_(std::exchange(other.handles_, {})) {}
  Module &operator=(Module &&other) noexcept;
  ~Module() { close(); }

  // Opens now and local. `directory` is where the original lies; `dependencies` are opened before it, by their full
  // path, because a copy elsewhere cannot find what lies beside the original: a library that is already open under the
  // wanted name is taken. Errors: plugin_load_failed with the loader's words. [control]
  static Result<Module> open(const std::filesystem::path &file, const std::filesystem::path &directory,
                             std::span<const std::filesystem::path> dependencies, std::string_view name);
  void *symbol(const char *name) const;
  // The file that has a symbol of an opened library; empty when the system does not say. Any thread.
  static std::filesystem::path file_of(void *symbol);
  // Whether the system keeps a private copy in the process, which it does with some libraries after they were closed. Any
  // thread.
  static bool is_mapped(const std::filesystem::path &file);
  void close();

 private:
  std::vector<void *> handles_;  // dependencies, then the library
};

}  // namespace arranger
