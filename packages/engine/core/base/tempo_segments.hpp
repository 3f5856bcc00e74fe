// SPDX-License-Identifier: MIT
// A tempo map as plain data, so that another process can read the same frames out of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace arranger {

// From its beat to the next segment's: tempo(x) = bpm + slope * x, x beats in.
struct TempoSegment {
  double beat;
  double frame;
  double bpm;
  double slope;  // beats per minute, per beat; 0 = steady
};

// Sorted by beat. Any thread, real-time safe.
struct TempoSegments {
  std::span<const TempoSegment> all;
  double sample_rate = 48000;  // Hz
  std::uint64_t serial = 0;    // another one for other segments; 0: there are none

  // In force at a beat; the first one before its own.
  std::size_t at(double beat) const;
  // F(beat): frames since beat 0, not rounded; beats before 0 are frame 0.
  double frames(double beat) const;
  // floor(F(beat) + 0.5): the one function that places events, seeks and loop ends.
  std::int64_t frame(double beat) const;
};

}  // namespace arranger
