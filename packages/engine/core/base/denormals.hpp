// SPDX-License-Identifier: MIT
// Flush-to-zero for the time of a block: a decaying filter must not become a hundred times slower when it nears silence.
#pragma once

#include <cstdint>

#if defined(__SSE__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace arranger {

class FlushDenormals {
 public:
#if defined(__SSE__) || defined(_M_X64)
  FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | flushes); }
  ~FlushDenormals() { _mm_setcsr(saved_); }
#elif defined(__aarch64__)
  FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    asm volatile("msr fpcr, %0" : : "r"(saved_ | flushes));
  }
  ~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }
#else
  FlushDenormals() = default;
#endif
  // [audio] Amid the life of one: what put the processor's modes back is undone.
  static void again() {
#if defined(__SSE__) || defined(_M_X64)
    _mm_setcsr(_mm_getcsr() | flushes);
#elif defined(__aarch64__)
    std::uint64_t now = 0;
    asm volatile("mrs %0, fpcr" : "=r"(now));
    asm volatile("msr fpcr, %0" : : "r"(now | flushes));
#endif
  }
  FlushDenormals(const FlushDenormals &) = delete;
  FlushDenormals &operator=(const FlushDenormals &) = delete;

 private:
#if defined(__aarch64__) && !defined(__SSE__)
  static constexpr std::uint64_t flushes = std::uint64_t{1} << 24;
  std::uint64_t saved_ = 0;
#else
  static constexpr std::uint32_t flushes = 0x8040;  // FTZ and DAZ
  [[maybe_unused]] std::uint32_t saved_ = 0;
#endif
};

}  // namespace arranger
