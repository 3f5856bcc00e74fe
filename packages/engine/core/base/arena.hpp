// SPDX-License-Identifier: MIT
// Memory of one life: taken piece by piece, given back at once. What is never touched costs no physical memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace arranger {

class Arena {
 public:
  static constexpr std::size_t alignment = 128;  // two cache lines: neighbours are fetched in pairs

  explicit Arena(std::size_t chunk_bytes = std::size_t{1} << 18) : chunk_bytes_(chunk_bytes) {}
  Arena(Arena &&) = default;
  Arena &operator=(Arena &&) = default;

  // Zeroed memory for `count` objects, aligned to 128 bytes when `wide`, else as T needs. [control]
  template <class T>
  T *take(std::size_t count = 1, bool wide = false) {
    T *out = take_raw<T>(count, wide);
    std::memset(static_cast<void *>(out), 0, sizeof(T) * count);
    return out;
  }
  // The same, not zeroed: for what is written before it is read, and may never be. [control]
  template <class T>
  T *take_raw(std::size_t count = 1, bool wide = false) {
    static_assert(std::is_trivially_destructible_v<T>, "the arena runs no destructors");
    return reinterpret_cast<T *>(bytes(sizeof(T) * count, wide || alignof(T) > 64 ? alignment : alignof(T)));
  }

 private:
  struct Free {
    void operator()(std::byte *memory) const { ::operator delete[](memory, std::align_val_t{alignment}); }
  };

  std::byte *bytes(std::size_t size, std::size_t align) {
    used_ = (used_ + align - 1) / align * align;
    if (chunks_.empty() || used_ + size > size_) {
      size_ = size > chunk_bytes_ ? size : chunk_bytes_;
      chunks_.emplace_back(static_cast<std::byte *>(::operator new[](size_, std::align_val_t{alignment})));
      used_ = 0;
    }
    std::byte *out = chunks_.back().get() + used_;
    used_ += size;
    return out;
  }

  std::size_t chunk_bytes_;
  std::size_t size_ = 0;
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<std::byte[], Free>> chunks_;
};

}  // namespace arranger
