// SPDX-License-Identifier: MIT
// Loops over the frames of a block, as vectors.
#pragma once

#include <arranger/plugin.hpp>

namespace effects {

using arranger::Frame;

// Calls f(i) for each frame of 0 .. frames - 1. What f reads of a buffer that it writes is of the same frame alone: an output
// may be the input's memory, but then at the same place. The compiler is told so, which cannot see it and would go one by one.
template <class F>
inline void each_frame(Frame frames, F f) {
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#elif defined(__GNUC__)
#pragma GCC ivdep
#elif defined(_MSC_VER)
#pragma loop(ivdep)
#endif
  for (Frame i = 0; i < frames; ++i) f(i);
}

}  // namespace effects
