// SPDX-License-Identifier: MIT
// Memory of many megabytes that is written once, from its beginning on.
#pragma once

#include <cstddef>

#if defined(__linux__)
#include <sys/mman.h>

#include <cstdint>
#endif

namespace arranger {

// From a few such pages on they are worth asking for.
inline constexpr std::size_t large_memory = std::size_t{8} << 20;

// Has the system give it in pages of 2 MB where it can, not of 4 kB one by one. Before the first write; does nothing where that is
// not known, or for less than large_memory.
inline void use_large_pages([[maybe_unused]] void *memory, [[maybe_unused]] std::size_t size) {
#if defined(__linux__)
  constexpr std::uintptr_t page = 4096;
  if (size < large_memory) return;
  const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(memory) + page - 1) & ~(page - 1);
  const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(memory) + size) & ~(page - 1);
  ::madvise(reinterpret_cast<void *>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace arranger
