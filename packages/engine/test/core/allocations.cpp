// SPDX-License-Identifier: MIT
// operator new and delete of the test program. All forms, so that each block goes back the way it came.
#include "allocations.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local std::int64_t count = 0;
constexpr std::size_t usual = alignof(std::max_align_t);

void *take(std::size_t size, std::size_t alignment = usual) {
  ++count;
#if defined(_WIN32)
  void *memory = _aligned_malloc(size, alignment);
#else
  void *memory = alignment > usual ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                                   : std::malloc(size);
#endif
  if (!memory) std::abort();
  return memory;
}

void give_back(void *memory) {
#if defined(_WIN32)
  _aligned_free(memory);
#else
  std::free(memory);
#endif
}

}  // namespace

std::int64_t arranger::test::allocations() { return count; }

using Size = std::size_t;
using Align = std::align_val_t;
void *operator new(Size size) { return take(size); }
void *operator new[](Size size) { return take(size); }
void *operator new(Size size, const std::nothrow_t &) noexcept { return take(size); }
void *operator new[](Size size, const std::nothrow_t &) noexcept { return take(size); }
void *operator new(Size size, Align align) { return take(size, Size(align)); }
void *operator new[](Size size, Align align) { return take(size, Size(align)); }
void operator delete(void *memory) noexcept { give_back(memory); }
void operator delete[](void *memory) noexcept { give_back(memory); }
void operator delete(void *memory, Size) noexcept { give_back(memory); }
void operator delete[](void *memory, Size) noexcept { give_back(memory); }
void operator delete(void *memory, const std::nothrow_t &) noexcept { give_back(memory); }
void operator delete[](void *memory, const std::nothrow_t &) noexcept { give_back(memory); }
void operator delete(void *memory, Align) noexcept { give_back(memory); }
void operator delete[](void *memory, Align) noexcept { give_back(memory); }
void operator delete(void *memory, Size, Align) noexcept { give_back(memory); }
void operator delete[](void *memory, Size, Align) noexcept { give_back(memory); }
