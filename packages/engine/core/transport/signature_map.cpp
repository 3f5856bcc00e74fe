// SPDX-License-Identifier: MIT
#include "transport/signature_map.hpp"

#include <algorithm>
#include <cmath>

namespace arranger {

SignatureMap::SignatureMap(std::vector<SignatureChange> changes) {
  std::stable_sort(changes.begin(), changes.end(), [](auto &a, auto &b) { return a.beat < b.beat; });
  segments_.push_back({0, 0, 4, 4});
  for (const SignatureChange &change : changes) {
    const double beat = std::max(change.beat, 0.0);
    const Segment &last = segments_.back();
    // A bar that is cut short still counts as one.
    const auto bars = static_cast<std::int64_t>(std::ceil((beat - last.beat) / last.beats_per_bar()));
    const Segment next{beat, last.bar + bars, change.numerator, change.denominator};
    if (beat == last.beat) segments_.back() = next;
    else segments_.push_back(next);
  }
}

BarPosition SignatureMap::at(double beat) const {
  beat = std::max(beat, 0.0);
  const auto after = std::upper_bound(segments_.begin() + 1, segments_.end(), beat,
                                      [](double value, const Segment &segment) { return value < segment.beat; });
  const Segment &segment = *(after - 1);
  const double bars = std::floor((beat - segment.beat) / segment.beats_per_bar());
  return {segment.bar + static_cast<std::int64_t>(bars), segment.beat + bars * segment.beats_per_bar(),
          segment.numerator, segment.denominator};
}

}  // namespace arranger
