// SPDX-License-Identifier: MIT
#include "transport/tempo_map.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace arranger {
namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

}  // namespace

TempoMap::TempoMap(double sample_rate, double bpm, std::vector<TempoChange> changes)
    : sample_rate_(sample_rate), serial_(next_serial()) {
  std::stable_sort(changes.begin(), changes.end(), [](auto &a, auto &b) { return a.beat < b.beat; });
  segments_.push_back({0, 0, bpm, 0});
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const TempoChange &change = changes[i];
    const double beat = std::max(change.beat, 0.0);
    if (change.ramp_beats <= 0) {
      append(beat, change.bpm, 0);
      continue;
    }
    const double from = this->bpm(beat), end = beat + change.ramp_beats;
    append(beat, from, (change.bpm - from) / change.ramp_beats);
    if (i + 1 == changes.size() || changes[i + 1].beat > end) append(end, change.bpm, 0);
  }
}

void TempoMap::append(double beat, double bpm, double slope) {
  const TempoSegment next{beat, frames(beat), bpm, slope};
  if (beat == segments_.back().beat) segments_.back() = next;
  else segments_.push_back(next);
}

double TempoMap::beat(std::int64_t frame) const {
  const auto target = static_cast<double>(frame);
  const auto after = std::upper_bound(segments_.begin() + 1, segments_.end(), target,
                                      [](double value, const TempoSegment &segment) { return value < segment.frame; });
  const TempoSegment &segment = *(after - 1);
  const double rate = sample_rate_ * 60, passed = target - segment.frame;
  if (segment.slope == 0) return segment.beat + passed / (rate / segment.bpm);
  return segment.beat + segment.bpm / segment.slope * std::expm1(passed * segment.slope / rate);
}

double TempoMap::bpm(double beat) const {
  const TempoSegment &segment = at_beat(beat);
  return segment.bpm + segment.slope * std::max(0.0, beat - segment.beat);
}

}  // namespace arranger
