// SPDX-License-Identifier: MIT
// One of the sixteen parts: what its controllers have set.
#pragma once

#include "voice.hpp"

#include <arranger/dsp.hpp>

#include <algorithm>
#include <cstdint>

namespace synth {

// Of one side, where 0 .. 2 is how far the sound is towards it: a quarter turn of the sine.
inline float side(float towards) {
  return arranger::dsp::sine_of_phase(static_cast<std::uint32_t>(static_cast<std::int32_t>(towards * 0x1p29f)));
}

// The state of a channel, as its controllers set it.
struct Part {
  int program = 0;
  float volume = 100.0f / 127.0f, expression = 1.0f, pan = 0.0f;
  float bend = 0.0f, bend_range = 2.0f;  // -1 .. 1, semitones
  float modulation = 0.0f, pressure = 0.0f;
  bool pedal = false;
  int registered[2] = {127, 127};  // the registered parameter that data entry sets: low, high
  arranger::dsp::Smoother left, right;

  // Whether it is on the way to another place.
  bool moves() const { return left.is_moving() || right.is_moving(); }
  Gesture gesture() const { return {bend * bend_range, std::max(modulation, pressure)}; }

  // Volume and expression count squared, as General MIDI recommends; pan is equal-power.
  void place() {
    const float level = volume * volume * expression * expression;
    left.set_target(level * side(1.0f - pan));
    right.set_target(level * side(1.0f + pan));
  }
};

}  // namespace synth
