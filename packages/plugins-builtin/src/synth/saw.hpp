// SPDX-License-Identifier: MIT
// The saw, without computing for each frame what only those beside an edge need.
#pragma once

#include "lanes.hpp"

#include <algorithm>
#include <cstdint>

namespace synth {

// The edges of a saw in each lane, where the phase passes a half turn: one of every lane at a time, from those on that frame 0
// is within two frames of. Lanes are not in step, each has its own edges.
class Edges {
 public:
  // Increments are 2^12 .. 2^28, so that frames count without end. Where `level` is 0 there are no edges.
  Edges(const Phases &of, const Lanes &level)
      : increment_(of.increment),
        since_((of.phase ^ 0x80000000u) - (of.increment << 1)),
        scale_(of.scale),
        frames_per_two_steps_(2.0f * of.scale) {
    for (int lane = 0; lane < lane_count; ++lane)
      if (level[lane] == 0.0f) frame_.set(lane, never);
    next();
  }

  // Whether any edge is left that reaches into the first `size` frames.
  bool reach_into(Frame size) const {
    alignas(Lanes) Frame frames[lane_count];
    frame_.store(frames);
    return *std::min_element(frames, frames + lane_count) - 2 < size;
  }

  // Adds what the two frames before each edge and the two behind have too much.
  void smooth(float *samples, Frame size) const {
    alignas(Lanes) float excess[4][lane_count];
    for (Frame i = 0; i < 4; ++i) excess_at(i - 2).store(excess[i]);
    alignas(Lanes) Frame frames[lane_count];
    frame_.store(frames);
    for (int lane = 0; lane < lane_count; ++lane) {
      const Frame first = frames[lane] - 2;
      const auto add = [&](Frame i) { samples[lane_count * (first + i) + lane] += excess[i][lane]; };
      if (first >= 0 && first + 4 <= size)
        for (Frame i = 0; i < 4; ++i) add(i);
      else
        for (Frame i = std::max(-first, 0), end = std::min(4, size - first); i < end; ++i) add(i);
    }
  }

  // To the next of each lane. Floats may take the number of frames for one more or less: then the phase tells.
  void next() {
    const Lanes left = std::bit_cast<IntLanes>((since_ ^ ~0u) >> 1).to<float>();
    const UintLanes frames = std::bit_cast<UintLanes>((left * frames_per_two_steps_).to<std::int32_t>()) + 1u;
    const UintLanes since = since_ + frames * increment_;
    const UintLanes too_few = is_negative(since), too_many = is_negative((increment_ - 1u) - (since & (too_few ^ ~0u)));
    since_ = (since + (too_few & increment_)) - (too_many & increment_);
    frame_ = std::bit_cast<IntLanes>(((std::bit_cast<UintLanes>(frame_) + frames) - too_few) + too_many);
  }

 private:
  static constexpr Frame never = 1 << 30;

  // All bits where the first is set.
  static UintLanes is_negative(const UintLanes &x) {
    return std::bit_cast<UintLanes>(std::bit_cast<IntLanes>(x) >> 31);
  }
  Lanes excess_at(Frame behind) const {
    return dsp::detail::step_excess(since_ + increment_ * static_cast<std::uint32_t>(behind), 0u, scale_);
  }

  UintLanes increment_, since_;  // since_: steps of phase from the edge to the frame
  IntLanes frame_ = -2;          // the first behind the edge
  Lanes scale_, frames_per_two_steps_;
};

// Fills `out` with a saw of constant pitch in the lanes where `level` is not 0; the others get one that is not band-limited.
// To the bits of `sample`, which beside the four frames around an edge adds a zero.
inline void make_saw(const Phases &of, const Lanes &level, Lanes *out, Frame size) {
  alignas(Lanes) std::uint32_t increments[lane_count];
  of.increment.store(increments);

  // In a period of 16 frames or less the edges are too near to each other.
  constexpr std::uint32_t fastest = 1u << 28, slowest = 1u << 12;
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
  for (Edges edges(of, level); edges.reach_into(size); edges.next()) edges.smooth(reinterpret_cast<float *>(out), size);
}

}  // namespace synth
