// SPDX-License-Identifier: MIT
// Beats to bars: time signatures along the song.
#pragma once

#include <cstdint>
#include <vector>

namespace arranger {

struct SignatureChange {
  double beat;               // in quarter notes, >= 0
  std::int32_t numerator;    // 1..
  std::int32_t denominator;  // a power of two
};

// Where a beat lies in its bar.
struct BarPosition {
  std::int64_t bar;  // from 0
  double bar_beat;   // the beat on which it began
  std::int32_t numerator, denominator;
};

class SignatureMap {
 public:
  // 4/4 rules from beat 0 to the first change. A change begins a bar, wherever it stands; the last of equal beats rules.
  explicit SignatureMap(std::vector<SignatureChange> changes = {});

  // Beats before 0 are in bar 0. Any thread, real-time safe.
  BarPosition at(double beat) const;

 private:
  struct Segment {
    double beat;
    std::int64_t bar;
    std::int32_t numerator, denominator;
    double beats_per_bar() const { return 4.0 * numerator / denominator; }
  };
  std::vector<Segment> segments_;  // at least one, the first at beat 0
};

}  // namespace arranger
