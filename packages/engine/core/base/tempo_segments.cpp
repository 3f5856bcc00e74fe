// SPDX-License-Identifier: MIT
#include "base/tempo_segments.hpp"

#include <algorithm>
#include <cmath>

namespace arranger {
namespace {

// The integral of 60 * rate / tempo(x): a logarithm where the tempo moves.
double frames_into(const TempoSegment &segment, double beats, double sample_rate) {
  const double rate = sample_rate * 60;
  if (segment.slope == 0) return beats * (rate / segment.bpm);
  return rate / segment.slope * std::log1p(segment.slope * beats / segment.bpm);
}

}  // namespace

std::size_t TempoSegments::at(double beat) const {
  const auto after = std::upper_bound(all.begin() + 1, all.end(), beat,
                                      [](double value, const TempoSegment &segment) { return value < segment.beat; });
  return static_cast<std::size_t>(after - all.begin()) - 1;
}

double TempoSegments::frames(double beat) const {
  if (beat <= 0 || all.empty()) return 0;
  const TempoSegment &segment = all[at(beat)];
  return segment.frame + frames_into(segment, beat - segment.beat, sample_rate);
}

std::int64_t TempoSegments::frame(double beat) const {
  return static_cast<std::int64_t>(std::floor(frames(beat) + 0.5));
}

}  // namespace arranger
