// SPDX-License-Identifier: MIT
// What an allocator does with memory that is not needed any more.
#pragma once

#include <cstdlib>

namespace arranger {

// glibc gives the system back what is freed at the end of its heap, and gets it again page by page with the next large request:
// half of the time that one takes. It keeps twice of the largest piece that was ever freed by itself, up to 64 MB; so free one,
// which nobody has written to. A limit that the program has set for itself stays. Once does; again does no harm.
inline void keep_freed_memory() {
  constexpr std::size_t largest = std::size_t{8} << 20;
  void *volatile piece = std::malloc(largest);  // volatile: it is not left out
  std::free(piece);
}

}  // namespace arranger
