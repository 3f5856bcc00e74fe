// SPDX-License-Identifier: MIT
// The ends of the range of samples: the largest that are finite, and those too small to be heard.
#pragma once

#include <arranger/plugin.hpp>

#include <bit>
#include <cstdint>
#include <limits>

#include "each_frame.hpp"

namespace effects {

using arranger::Frame;

// -180 dB: what falls below it while the input is silent is over.
inline constexpr float inaudible = 0x1p-30f;

inline constexpr float greatest = std::numeric_limits<float>::max();

// The nearest finite sample: what loudness makes of a hostile input stays a number.
template <class T>
float to_finite(T x) {
  constexpr auto greatest = static_cast<T>(std::numeric_limits<float>::max());
  return static_cast<float>(x > greatest ? greatest : (x < -greatest ? -greatest : x));
}

// to = from times a gain of 1 or less, which leaves finite what is finite; `to` may be `from`.
inline void attenuate(const float *from, float gain, float *to, Frame frames) {
  each_frame(frames, [=]<class V>(Frame i) { store(to + i, load<V>(from + i) * gain); });
}

// The same by any gain, or each frame's, kept finite.
inline void multiply(const float *from, float gain, float *to, Frame frames) {
  if (gain >= -1.0f && gain <= 1.0f) return attenuate(from, gain, to, frames);
  each_frame(frames, [=]<class V>(Frame i) { store(to + i, limited(load<V>(from + i) * gain, greatest)); });
}
inline void multiply(const float *from, const float *gains, float *to, Frame frames) {
  each_frame(frames,
             [=]<class V>(Frame i) { store(to + i, limited(load<V>(from + i) * load<V>(gains + i), greatest)); });
}

// What a recursion may keep: nothing inaudible, so that it ends, and nothing above 180 dB, so that it stays finite.
template <class V>
inline V kept(V x) {
  constexpr float most = 0x1p30f;
  const V limited = greater(lesser(x, all<V>(most)), all<V>(-most));
  return greater(limited, -limited) < all<V>(inaudible) ? V{} : limited;
}

// Whether every frame of both sides is exactly zero, whatever a hint says.
inline bool is_silent(const float *left, const float *right, Frame frames) {
  std::uint32_t bits = 0;
  for (Frame i = 0; i < frames; ++i)
    bits |= std::bit_cast<std::uint32_t>(left[i]) | std::bit_cast<std::uint32_t>(right[i]);
  return (bits & 0x7fffffffu) == 0;
}
inline bool is_silent(const arranger::AudioIn &in, Frame frames) {
  return in.silent() || is_silent(in.left, in.right, frames);
}

}  // namespace effects
