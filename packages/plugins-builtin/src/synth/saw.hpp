// SPDX-License-Identifier: MIT
// The saw, without computing for each frame what only those beside an edge need.
#pragma once

#include "lanes.hpp"

#include <algorithm>
#include <cstdint>

namespace synth {

// The frames of one lane's edges, and where the phase is then.
class Edges {
 public:
  // `phase` and `increment` > 0 of the frame 0; an edge is where the phase passes a half turn.
  Edges(std::uint32_t phase, std::uint32_t increment) : increment_(increment), since_(phase ^ 0x80000000u) {
    const std::uint32_t frames = since_ / increment_;
    if (frames <= 1) {
      frame_ = -static_cast<Frame>(frames);
      since_ -= frames * increment_;
    } else {
      next();
    }
  }
  // The first frame behind the edge, from -1 on.
  Frame frame() const { return frame_; }
  // What the two frames before the edge and the two behind have too much, in the first four lanes; `scale`: frames per step.
  Lanes excess(float scale) const {
    return dsp::detail::step_excess(dsp::phases(since_ - 2 * increment_, increment_), 0u, Lanes(scale));
  }
  void next() {
    const std::uint32_t frames = ~since_ / increment_ + 1;  // to the end of the turn and beyond
    since_ += frames * increment_;
    frame_ += static_cast<Frame>(frames);
  }

 private:
  std::uint32_t increment_, since_;  // since_: steps of phase from the edge to the frame
  Frame frame_ = 0;
};

// Fills `out` with a saw of constant pitch in the lanes where `level` is not 0; the others get one that is not band-limited.
// To the bits of `sample`, which beside the four frames around an edge adds a zero.
inline void make_saw(const Phases &of, const Lanes &level, Lanes *out, Frame size) {
  alignas(Lanes) std::uint32_t increments[lane_count], phases[lane_count];
  alignas(Lanes) float scales[lane_count], levels[lane_count];
  of.increment.store(increments);
  of.phase.store(phases);
  of.scale.store(scales);
  level.store(levels);

  // In a period of 16 frames or less the edges are too near to each other.
  constexpr std::uint32_t fastest = 1u << 28, slowest = 16;
  UintLanes phase = of.phase;
  const UintLanes increment = of.increment;
  if (*std::max_element(increments, increments + lane_count) >= fastest ||
      *std::min_element(increments, increments + lane_count) < slowest) {
    const Lanes scale = of.scale;
    for (Frame i = 0; i < size; ++i, phase += increment) out[i] = sample<Wave::saw>(phase, scale);
    return;
  }
#if defined(__GNUC__)
#pragma GCC unroll 4
#endif
  for (Frame i = 0; i < size; ++i, phase += increment) out[i] = dsp::signed_value(phase) * 0x1p-31f;
  auto *samples = reinterpret_cast<float *>(out);
  for (int lane = 0; lane < lane_count; ++lane) {
    if (levels[lane] == 0.0f) continue;
    for (Edges edge(phases[lane], increments[lane]); edge.frame() - 2 < size; edge.next()) {
      const Lanes excess = edge.excess(scales[lane]);
      const Frame first = edge.frame() - 2;
      const auto add = [&](Frame i) { samples[lane_count * (first + i) + lane] += excess[i]; };
      if (first >= 0 && first + 4 <= size)
        for (Frame i = 0; i < 4; ++i) add(i);
      else
        for (Frame i = std::max(-first, 0), end = std::min(4, size - first); i < end; ++i) add(i);
    }
  }
}

}  // namespace synth
