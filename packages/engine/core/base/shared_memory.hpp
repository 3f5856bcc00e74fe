// SPDX-License-Identifier: MIT
// Memory that a child process sees as well. It has no name: the child inherits a handle, and it is gone with its last user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/error.hpp"

namespace arranger {

class SharedMemory {
 public:
  // POSIX: a file descriptor; Windows: a HANDLE.
  using Handle = std::intptr_t;
  static constexpr Handle none = -1;
  static constexpr std::size_t greatest = std::size_t{1} << 30;  // bytes

  // Without a size yet. Error: io_error. [control]
  static Result<SharedMemory> make();
  // What this process was given as a child; map says its size again.
  static SharedMemory inherited(Handle handle) { return SharedMemory(handle, false); }

  SharedMemory() = default;
  SharedMemory(SharedMemory &&other) noexcept { swap(other); }
  SharedMemory &operator=(SharedMemory &&other) noexcept {
    swap(other);
    return *this;
  }
  ~SharedMemory();

  Handle handle() const { return handle_; }
  // Zeroed when it is new, aligned to a page; valid as long as this. Once. The handle is given up: who is to see the memory
  // has inherited it by then. Error: io_error. [control]
  Result<std::byte *> map(std::size_t bytes);

 private:
  SharedMemory(Handle handle, bool is_new) : handle_(handle), is_new_(is_new) {}
  void swap(SharedMemory &other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(is_new_, other.is_new_);
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
  }
  void close_handle();

  Handle handle_ = none;
  bool is_new_ = false;
  std::byte *memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace arranger
