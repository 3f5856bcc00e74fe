// SPDX-License-Identifier: MIT
#include "transport/tempo_map.hpp"

#include <algorithm>
#include <cmath>

namespace arranger {

TempoMap::TempoMap(double sample_rate, double bpm, std::vector<TempoChange> changes) : sample_rate_(sample_rate) {
  std::stable_sort(changes.begin(), changes.end(), [](auto &a, auto &b) { return a.beat < b.beat; });
  segments_.push_back({0, 0, sample_rate * 60 / bpm, bpm});
  for (const TempoChange &change : changes) {
    const double beat = std::max(change.beat, 0.0);
    const Segment &last = segments_.back();
    const Segment next{beat, last.frame + (beat - last.beat) * last.frames_per_beat, sample_rate * 60 / change.bpm,
                       change.bpm};
    if (beat == last.beat) segments_.back() = next;
    else segments_.push_back(next);
  }
}

const TempoMap::Segment &TempoMap::at_beat(double beat) const {
  const auto after = std::upper_bound(segments_.begin() + 1, segments_.end(), beat,
                                      [](double value, const Segment &segment) { return value < segment.beat; });
  return *(after - 1);
}

double TempoMap::frames(double beat) const {
  if (beat <= 0) return 0;
  const Segment &segment = at_beat(beat);
  return segment.frame + (beat - segment.beat) * segment.frames_per_beat;
}

std::int64_t TempoMap::frame(double beat) const { return static_cast<std::int64_t>(std::floor(frames(beat) + 0.5)); }

double TempoMap::beat(std::int64_t frame) const {
  const auto target = static_cast<double>(frame);
  const auto after = std::upper_bound(segments_.begin() + 1, segments_.end(), target,
                                      [](double value, const Segment &segment) { return value < segment.frame; });
  const Segment &segment = *(after - 1);
  return segment.beat + (target - segment.frame) / segment.frames_per_beat;
}

double TempoMap::bpm(double beat) const { return at_beat(beat).bpm; }

}  // namespace arranger
