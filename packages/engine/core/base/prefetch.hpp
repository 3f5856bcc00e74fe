// SPDX-License-Identifier: MIT
// Asks for a cache line before it is needed.
#pragma once

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#include <xmmintrin.h>
#endif

namespace arranger {

inline void prefetch([[maybe_unused]] const void *address) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(address);
#elif defined(_M_X64) || defined(_M_IX86)
  _mm_prefetch(static_cast<const char *>(address), _MM_HINT_T0);
#endif
}

}  // namespace arranger
