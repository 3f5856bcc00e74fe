// SPDX-License-Identifier: MIT
// Between two looks at what another thread writes: lets the other half of the processor's core go first.
#pragma once

#if defined(__SSE2__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace arranger {

inline void pause_processor() {
#if defined(__SSE2__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  asm volatile("yield");
#endif
}

}  // namespace arranger
