// SPDX-License-Identifier: MIT
// What plugins that play along with the song need to find their place on a grid of beats.
#pragma once

#include <arranger/plugin.hpp>

#include <algorithm>
#include <cstdint>

namespace arranger {

// The first grid point, k >= 0, at or after frame `now`. `frame_of(k)` must not fall as k grows. The result does not
// depend on `guess`, which only shortens the search. [audio] Real-time safe.
template <class FrameOf>
std::int64_t first_point(std::int64_t now, double guess, FrameOf frame_of) {
  auto k = static_cast<std::int64_t>(std::clamp(guess, 0.0, 0x1p53));
  while (k > 0 && frame_of(k - 1) >= now) --k;
  while (frame_of(k) < now) ++k;
  return k;
}

// Calls each(from, to) for every run of frames of this block in which the parameter has one value, so that what happens
// does not depend on where blocks begin. [audio] Real-time safe.
template <class Each>
void for_each_run(const Param &param, Frame frames, Each each) {
  for (Frame from = 0, to = 0; from < frames; from = to) {
    to = param.is_constant() ? frames : from + 1;
    while (to < frames && param[to] == param[from]) ++to;
    each(from, to);
  }
}

}  // namespace arranger
