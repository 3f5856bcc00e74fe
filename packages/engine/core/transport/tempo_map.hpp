// SPDX-License-Identifier: MIT
// Beats to frames and back, in double precision from beat 0.
#pragma once

#include <cstdint>
#include <vector>

#include "base/tempo_segments.hpp"

namespace arranger {

struct TempoChange {
  double beat;            // in quarter notes, >= 0
  double bpm;             // quarter notes per minute, at the end of the ramp
  double ramp_beats = 0;  // length of the way there from the tempo in force, linear in beats; 0 = at once
};

class TempoMap {
 public:
  // `bpm` rules from beat 0 to the first change; changes are sorted by beat. Of equal beats each begins where the one before
  // has set the tempo, so that a ramp may begin with a step. A change that comes inside a ramp ends it there.
  TempoMap(double sample_rate, double bpm, std::vector<TempoChange> changes = {});

  // F(beat): frames since beat 0, not rounded; beats before 0 are frame 0. Any thread, real-time safe.
  double frames(double beat) const { return segments().frames(beat); }
  // The song frame of a beat, floor(F(beat) + 0.5): the one function that places events, seeks and loop ends.
  std::int64_t frame(double beat) const { return segments().frame(beat); }
  double beat(std::int64_t frame) const;
  double bpm(double beat) const;
  double sample_rate() const { return sample_rate_; }
  // Valid as long as the map.
  TempoSegments segments() const { return {segments_, sample_rate_, serial_}; }

 private:
  const TempoSegment &at_beat(double beat) const { return segments_[segments().at(beat)]; }
  void append(double beat, double bpm, double slope);

  double sample_rate_;
  std::uint64_t serial_;                // copies have the same
  std::vector<TempoSegment> segments_;  // at least one, the first at beat 0
};

}  // namespace arranger
