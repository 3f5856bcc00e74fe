// SPDX-License-Identifier: MIT
// One note of a pitched instrument: what is known of it. The sound of eight of them is made side by side, in
// voice_group.hpp.
#pragma once

#include "timbres.hpp"

#include <arranger/dsp.hpp>

#include <cstdint>

namespace synth {

// What the parameters change of a timbre when a note begins: the first wave (0: none, else Wave + 1), and factors of its
// times and its sustain.
struct Shape {
  int waveform;
  float attack, decay, sustain, release;
};

// What the player does to all notes of a channel.
struct Gesture {
  float bend = 0.0f;        // semitones
  float modulation = 0.0f;  // 0 .. 1
};

class Voice {
 public:
  // What its group has to hear of before it goes on.
  enum class News { none, gesture, segment, begins, begins_in_silence };

  void activate(double sample_rate) {
    amplitude.activate(sample_rate);
    sweep.activate(sample_rate);
  }

  bool is_active() const { return amplitude.is_active(); }
  float level() const { return gain * amplitude.level(); }

  void start(const Timbre &of, int note_key, float velocity, const Shape &shape, const Gesture &now,
             std::uint64_t seed) {
    // A stolen voice goes on from the level and the state it has: it bends, it does not click.
    news = is_active() && news != News::begins_in_silence ? News::begins : News::begins_in_silence;
    timbre = of;
    if (shape.waveform != 0) timbre.first = static_cast<Wave>(shape.waveform - 1);
    // A detuned pair is in tune in its middle.
    const bool detuned = timbre.second_level > 0.0f && timbre.second_pitch > -1.0f && timbre.second_pitch < 1.0f;
    key = static_cast<float>(note_key) - (detuned ? 0.5f * timbre.second_pitch : 0.0f);
    gain = timbre.level * velocity * velocity;
    gesture = now;
    random.reset(seed);
    pedalled = false;
    brightness =
        timbre.brightness + timbre.tracking * (key - 60.0f) * (1.0f / 12.0f) + timbre.touch * (velocity - 0.8f);
    const float sustain = arranger::dsp::detail::clamp(timbre.sustain * shape.sustain, 0.0f, 1.0f);
    amplitude.set(timbre.attack * shape.attack, timbre.decay * shape.decay, sustain, timbre.release * shape.release);
    sweep.set(timbre.sweep_attack * shape.attack, timbre.sweep_decay * shape.decay, timbre.sweep_sustain,
              timbre.release * shape.release);
    amplitude.trigger();
    sweep.trigger();
  }

  void move(const Gesture &now) {
    gesture = now;
    tell(News::gesture);
  }
  void release() {
    pedalled = false;
    amplitude.release();
    sweep.release();
    tell(News::segment);
  }
  void fade_out(float seconds) {
    amplitude.fade_out(seconds);
    tell(News::segment);
  }
  void reset() {
    amplitude.reset();
    sweep.reset();
    news = News::none;
  }

  Timbre timbre;
  Gesture gesture;
  float key = 60.0f, gain = 0.0f, brightness = 0.0f;
  arranger::dsp::Envelope amplitude, sweep;
  arranger::dsp::Random random{0};
  bool pedalled = false;  // released by its key, held by the pedal
  News news = News::none;

 private:
  void tell(News what) { news = what > news ? what : news; }
};

}  // namespace synth
