// SPDX-License-Identifier: MIT
// Loops over the frames of a block, as vectors. Written out, because compilers do not see that an output may be the memory of
// an input and yet each frame stands alone.
#pragma once

#include <arranger/plugin.hpp>

#include <cstring>

namespace effects {

using arranger::Frame;

// So many frames at once as this instruction-set level adds with one instruction; elsewhere one.
#if defined(__AVX__)
typedef float Frames __attribute__((vector_size(32)));
#elif defined(__GNUC__)
typedef float Frames __attribute__((vector_size(16)));
#else
using Frames = float;
#endif

// Calls f for all of 0 .. frames - 1 in order: f.template operator()<V>(i) is for as many frames from i on as V has. What it
// does must be the same for each frame, then its bits depend neither on the level nor on where a block ends. Give it copies of
// pointers: what it stores could be a member, which it would read again each time.
template <class F>
inline void each_frame(Frame frames, F f) {
  constexpr Frame width = sizeof(Frames) / sizeof(float);
  Frame i = 0;
#if defined(__GNUC__)
#pragma GCC unroll 4
#endif
  for (; i + width <= frames; i += width) f.template operator()<Frames>(i);
  for (; i < frames; ++i) f.template operator()<float>(i);
}

// At any address.
template <class V>
inline V load(const float *from) {
  V out;
  std::memcpy(&out, from, sizeof out);
  return out;
}
template <class V>
inline void store(float *to, V value) {
  std::memcpy(to, &value, sizeof value);
}
template <class V>
inline V all(float value) {
  return value - V{};
}

// A NaN gives `b`. GCC does not find the instruction by itself.
template <class V>
inline V lesser(V a, V b) {
#if defined(__AVX__)
  if constexpr (sizeof a == 32) return __builtin_ia32_minps256(a, b);
#elif defined(__SSE__)
  if constexpr (sizeof a == 16) return __builtin_ia32_minps(a, b);
#endif
  return a < b ? a : b;
}
template <class V>
inline V greater(V a, V b) {
#if defined(__AVX__)
  if constexpr (sizeof a == 32) return __builtin_ia32_maxps256(a, b);
#elif defined(__SSE__)
  if constexpr (sizeof a == 16) return __builtin_ia32_maxps(a, b);
#endif
  return a > b ? a : b;
}
// `x` where it lies between -limit and limit, else the nearer of them; a NaN stays one.
template <class V>
inline V limited(V x, float limit) {
  return greater(all<V>(-limit), lesser(all<V>(limit), x));
}

}  // namespace effects
