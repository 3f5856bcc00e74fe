// SPDX-License-Identifier: MIT
// The pan law of the mixer and of everything else that pans.
#pragma once

#include <arranger/plugin.hpp>

#include <cstdint>

namespace effects {

// Equal power with unity at the centre: √2 sin of `towards` times 45 degrees, `towards` 0 (panned away) .. 1 (centre,
// exactly 1) .. 2 (panned to this side, +3 dB). Left gives 1 - pan, right 1 + pan.
inline float side_gain(float towards) {
  const auto eighth_turns = static_cast<std::uint32_t>(static_cast<std::int32_t>(towards * 0x1p29f));
  const float panned = 1.41421356f * arranger::dsp::sine_of_phase(eighth_turns);
  return towards == 1.0f ? 1.0f : panned;
}

}  // namespace effects
