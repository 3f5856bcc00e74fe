// SPDX-License-Identifier: MIT
// One note of a pitched instrument.
#pragma once

#include "timbres.hpp"

#include <arranger/dsp.hpp>

#include <cstdint>

namespace synth {

using arranger::dsp::Frame;
using arranger::dsp::Signal;

// What the player and the parameters say about all notes of a channel, for one block.
struct Performance {
  double sample_rate;
  float bend;             // semitones
  float modulation;       // 0 .. 1
  const Signal &cutoff;   // Hz
  const Signal &q_scale;  // factor of the timbre's q
};

// What the parameters change of a timbre when a note begins: the first wave (0: none, else Wave + 1), and factors of its
// times and its sustain.
struct Shape {
  int waveform;
  float attack, decay, sustain, release;
};

class Voice {
 public:
  void activate(double sample_rate) {
    amplitude_.activate(sample_rate);
    sweep_.activate(sample_rate);
  }

  bool is_active() const { return amplitude_.is_active(); }
  float level() const { return gain_ * amplitude_.level(); }

  void start(const Timbre &timbre, int key, float velocity, const Shape &shape, std::uint64_t seed) {
    // A stolen voice goes on from the level and the state it has: it bends, it does not click.
    if (!is_active()) {
      first_.reset();
      second_.reset();
      vibrato_.reset();
      filter_.reset();
    }
    timbre_ = &timbre;
    wave_ = shape.waveform == 0 ? timbre.first : static_cast<Wave>(shape.waveform - 1);
    // A detuned pair is in tune in its middle.
    const bool detuned = timbre.second_level > 0.0f && timbre.second_pitch > -1.0f && timbre.second_pitch < 1.0f;
    key_ = static_cast<float>(key) - (detuned ? 0.5f * timbre.second_pitch : 0.0f);
    gain_ = timbre.level * velocity * velocity;
    random_.reset(seed);
    pedalled = false;
    brightness_ = timbre.brightness + timbre.tracking * (key_ - 60.0f) * (1.0f / 12.0f) + 1.5f * (velocity - 0.8f);
    const float sustain = arranger::dsp::detail::clamp(timbre.sustain * shape.sustain, 0.0f, 1.0f);
    amplitude_.set(timbre.attack * shape.attack, timbre.decay * shape.decay, sustain, timbre.release * shape.release);
    sweep_.set(timbre.sweep_attack * shape.attack, timbre.sweep_decay * shape.decay, timbre.sweep_sustain,
               timbre.release * shape.release);
    amplitude_.trigger();
    sweep_.trigger();
  }

  void release() {
    pedalled = false;
    amplitude_.release();
    sweep_.release();
  }
  void fade_out(float seconds) { amplitude_.fade_out(seconds); }
  void reset() {
    amplitude_.reset();
    sweep_.reset();
  }

  // The next `frames` frames.
  Signal render(const Performance &play, Frame frames) {
    const Signal hertz = pitch(play, frames);
    Signal sound = oscillator(first_, wave_, hertz, play.sample_rate);
    if (timbre_->second_level > 0.0f) {
      const float ratio = arranger::dsp::semitones_to_ratio(timbre_->second_pitch);
      Signal second_hertz(frames);
      for (Frame i = 0; i < frames; ++i) second_hertz[i] = hertz[i] * ratio;
      if (hertz.is_constant()) second_hertz.mark_constant();
      const Signal second = oscillator(second_, timbre_->second, second_hertz, play.sample_rate);
      for (Frame i = 0; i < frames; ++i) sound[i] += timbre_->second_level * second[i];
    }
    if (timbre_->noise > 0.0f) {
      const Signal noise = random_.noise(frames);
      for (Frame i = 0; i < frames; ++i) sound[i] += timbre_->noise * noise[i];
    }
    sound = filter(sound, play);
    const Signal amplitude = amplitude_.next(frames);
    for (Frame i = 0; i < frames; ++i) sound[i] *= gain_ * amplitude[i];
    return sound;
  }

  bool pedalled = false;  // released by its key, held by the pedal

 private:
  static constexpr float vibrato_hertz = 5.5f, wheel_cents = 50.0f;

  Signal pitch(const Performance &play, Frame frames) {
    const float key = key_ + play.bend;
    const Signal wave = vibrato_.sine(arranger::dsp::Constant(vibrato_hertz, frames), play.sample_rate);
    const float depth = 0.01f * (timbre_->vibrato + wheel_cents * play.modulation);
    if (depth == 0.0f) return Signal(frames, arranger::dsp::midi_to_hz(key));
    Signal hertz(frames);
    for (Frame i = 0; i < frames; ++i) hertz[i] = arranger::dsp::midi_to_hz(key + depth * wave[i]);
    return hertz;
  }

  static Signal oscillator(arranger::dsp::Oscillator &from, Wave wave, const Signal &hertz, double sample_rate) {
    switch (wave) {
      case Wave::sine:
        return from.sine(hertz, sample_rate);
      case Wave::triangle:
        return from.triangle(hertz, sample_rate);
      case Wave::square:
        return from.square(hertz, sample_rate);
      case Wave::pulse:
        return from.pulse(hertz, 0.25f, sample_rate);
      default:
        return from.saw(hertz, sample_rate);
    }
  }

  Signal filter(const Signal &sound, const Performance &play) {
    const Frame frames = sound.size();
    const Signal sweep = sweep_.next(frames);
    Signal cutoff(frames), q(frames);
    for (Frame i = 0; i < frames; ++i) {
      cutoff[i] = play.cutoff[i] * arranger::dsp::exp2(brightness_ + timbre_->sweep * sweep[i]);
      q[i] = timbre_->q * play.q_scale[i];
    }
    if (sweep.is_constant() && play.cutoff.is_constant()) cutoff.mark_constant();
    if (play.q_scale.is_constant()) q.mark_constant();
    return filter_.low_pass(sound, cutoff, q, play.sample_rate);
  }

  const Timbre *timbre_ = &families[0];
  Wave wave_ = Wave::saw;
  arranger::dsp::Oscillator first_, second_;
  arranger::dsp::Phasor vibrato_;
  arranger::dsp::Random random_;
  arranger::dsp::Svf filter_;
  arranger::dsp::Envelope amplitude_, sweep_;
  float key_ = 60.0f, gain_ = 0.0f, brightness_ = 0.0f;
};

}  // namespace synth
