// SPDX-License-Identifier: MIT
// The drums of channel 10: a sine whose pitch falls, and filtered noise, each with its own decay. Which drum a key plays
// is General MIDI's percussion map.
#pragma once

#include <arranger/dsp.hpp>

#include <cstdint>

namespace synth {

using arranger::dsp::Frame;
using arranger::dsp::Signal;

struct Drum {
  float hertz = 200.0f;  // where the pitch ends
  float drop = 0.0f;     // octaves above that it begins
  float drop_seconds = 0.05f;
  float tone = 0.0f;           // level
  float tone_seconds = 0.2f;   // to -60 dB
  float noise = 0.0f;          // level
  float noise_seconds = 0.2f;  // to -60 dB
  float noise_hertz = 5000.0f;
  float noise_q = 0.7f;
  bool band = false;  // the noise through a band-pass, else a high-pass
  int bursts = 1;     // times that the noise begins, 11 ms apart
  float pan = 0.0f;   // -1 .. 1
  int group = 0;      // a new drum of the same group, not 0, ends this one
};

// clang-format off
namespace kit {

constexpr Drum kick(float hertz) {
  return {.hertz = hertz, .drop = 2.2f, .drop_seconds = 0.09f, .tone = 1.3f, .tone_seconds = 0.45f, .noise = 0.15f,
          .noise_seconds = 0.02f, .noise_hertz = 2000.0f};
}
constexpr Drum snare(float hertz, float seconds) {
  return {.hertz = hertz, .drop = 0.6f, .drop_seconds = 0.04f, .tone = 0.75f, .tone_seconds = 0.18f, .noise = 0.85f,
          .noise_seconds = seconds, .noise_hertz = 1500.0f};
}
constexpr Drum tom(float hertz, float pan) {
  return {.hertz = hertz, .drop = 0.7f, .drop_seconds = 0.12f, .tone = 0.9f, .tone_seconds = 0.55f, .noise = 0.08f,
          .noise_seconds = 0.06f, .noise_hertz = 1000.0f, .pan = pan};
}
constexpr Drum hat(float seconds) {
  return {.noise = 0.55f, .noise_seconds = seconds, .noise_hertz = 7500.0f, .noise_q = 1.5f, .pan = 0.25f,
          .group = 1};
}
constexpr Drum cymbal(float hertz, float seconds, float level, float pan) {
  return {.hertz = 3300.0f, .tone = 0.03f * level, .tone_seconds = 0.6f * seconds, .noise = 0.5f * level,
          .noise_seconds = seconds, .noise_hertz = hertz, .noise_q = 0.9f, .pan = pan};
}
constexpr Drum skin(float hertz, float seconds, float pan) {
  return {.hertz = hertz, .drop = 0.25f, .drop_seconds = 0.03f, .tone = 0.7f, .tone_seconds = seconds, .noise = 0.12f,
          .noise_seconds = 0.03f, .noise_hertz = 1800.0f, .pan = pan};
}
constexpr Drum bell(float hertz, float seconds, float pan) {
  return {.hertz = hertz, .tone = 0.45f, .tone_seconds = seconds, .noise = 0.15f, .noise_seconds = 0.4f * seconds,
          .noise_hertz = 2.7f * hertz, .noise_q = 12.0f, .band = true, .pan = pan};
}
constexpr Drum shaker(float seconds, float pan) {
  return {.noise = 1.0f, .noise_seconds = seconds, .noise_hertz = 6000.0f, .noise_q = 1.2f, .band = true, .pan = pan};
}
inline constexpr Drum clap = {.noise = 3.0f, .noise_seconds = 0.25f, .noise_hertz = 1200.0f, .noise_q = 1.4f,
    .band = true, .bursts = 3, .pan = 0.1f};
inline constexpr Drum scrape = {.noise = 0.8f, .noise_seconds = 0.06f, .noise_hertz = 3500.0f, .noise_q = 2.0f,
    .band = true, .bursts = 8, .pan = -0.3f};

}  // namespace kit

inline Drum drum_of(int key) {
  switch (key) {
    case 35: return kit::kick(45);
    case 36: return kit::kick(52);
    case 37: return kit::bell(1700, 0.05f, 0.0f);
    case 38: return kit::snare(185, 0.28f);
    case 39: return kit::clap;
    case 40: return kit::snare(210, 0.2f);
    case 41: return kit::tom(75, -0.5f);
    case 42: return kit::hat(0.09f);
    case 43: return kit::tom(92, -0.3f);
    case 44: return kit::hat(0.06f);
    case 45: return kit::tom(112, -0.1f);
    case 46: return kit::hat(0.7f);
    case 47: return kit::tom(135, 0.1f);
    case 48: return kit::tom(160, 0.3f);
    case 49: return kit::cymbal(4500, 2.2f, 1.0f, -0.4f);
    case 50: return kit::tom(190, 0.5f);
    case 51: return kit::cymbal(6500, 1.2f, 0.5f, 0.4f);
    case 52: return kit::cymbal(3000, 1.6f, 1.0f, -0.3f);
    case 53: return kit::bell(2600, 0.9f, 0.4f);
    case 54: return kit::shaker(0.3f, 0.2f);
    case 55: return kit::cymbal(5500, 0.9f, 0.8f, 0.3f);
    case 56: return kit::bell(560, 0.25f, -0.2f);
    case 57: return kit::cymbal(4000, 2.4f, 1.0f, 0.4f);
    case 58: return kit::scrape;
    case 59: return kit::cymbal(6000, 1.3f, 0.5f, 0.5f);
    case 60: return kit::skin(440, 0.15f, 0.3f);
    case 61: return kit::skin(330, 0.18f, 0.3f);
    case 62: return kit::skin(310, 0.1f, -0.3f);
    case 63: return kit::skin(290, 0.3f, -0.3f);
    case 64: return kit::skin(220, 0.35f, -0.3f);
    case 65: return kit::skin(380, 0.3f, 0.2f);
    case 66: return kit::skin(280, 0.35f, 0.2f);
    case 67: return kit::bell(1150, 0.3f, 0.4f);
    case 68: return kit::bell(860, 0.3f, 0.4f);
    case 69: return kit::shaker(0.08f, -0.4f);
    case 70: return kit::shaker(0.06f, 0.4f);
    case 71: return kit::bell(2300, 0.15f, 0.0f);
    case 72: return kit::bell(2250, 0.5f, 0.0f);
    case 73: case 74: return kit::scrape;
    case 75: return kit::bell(2500, 0.06f, 0.3f);
    case 76: return kit::bell(950, 0.08f, -0.3f);
    case 77: return kit::bell(700, 0.09f, -0.3f);
    case 78: return kit::skin(520, 0.15f, 0.1f);
    case 79: return kit::skin(390, 0.25f, 0.1f);
    case 80: return kit::bell(4200, 0.1f, 0.4f);
    case 81: return kit::bell(4200, 1.4f, 0.4f);
    default: return kit::shaker(0.12f, 0.0f);
  }
}
// clang-format on

class DrumVoice {
 public:
  void activate(double sample_rate) {
    for (auto *envelope : {&tone_, &noise_, &drop_}) envelope->activate(sample_rate);
    burst_frames_ = static_cast<Frame>(0.011 * sample_rate);
  }

  bool is_active() const { return tone_.is_active() || noise_.is_active() || bursts_ > 0; }
  float level() const { return gain_ * (drum_.tone * tone_.level() + drum_.noise * noise_.level()); }
  const Drum &drum() const { return drum_; }

  void start(int key, float velocity, std::uint64_t seed) {
    if (!is_active()) {
      oscillator_.reset();
      filter_.reset();
    }
    drum_ = drum_of(key);
    gain_ = velocity * velocity;
    random_.reset(seed);
    // Half a millisecond of attack: a strike, not a click.
    tone_.set(0.0005f, drum_.tone_seconds, 0.0f, 0.0f);
    noise_.set(0.0005f, drum_.noise_seconds, 0.0f, 0.0f);
    drop_.set(0.0f, drum_.drop_seconds, 0.0f, 0.0f);
    if (drum_.tone > 0.0f) tone_.trigger();
    if (drum_.noise > 0.0f) noise_.trigger();
    drop_.trigger();
    bursts_ = drum_.bursts - 1;
    until_burst_ = burst_frames_;
  }

  void fade_out(float seconds) {
    tone_.fade_out(seconds);
    noise_.fade_out(seconds);
    bursts_ = 0;
  }
  void reset() {
    for (auto *envelope : {&tone_, &noise_, &drop_}) envelope->reset();
    bursts_ = 0;
  }

  Signal render(double sample_rate, Frame frames) {
    Signal sound = strikes(sample_rate, frames);
    if (drum_.tone <= 0.0f) return sound;
    Signal hertz = drop_.next(frames);
    for (Frame i = 0; i < frames; ++i) hertz[i] = drum_.hertz * arranger::dsp::exp2(drum_.drop * hertz[i]);
    const Signal tone = oscillator_.sine(hertz, sample_rate), level = tone_.next(frames);
    for (Frame i = 0; i < frames; ++i) sound[i] += gain_ * drum_.tone * level[i] * tone[i];
    return sound;
  }

 private:
  Signal strikes(double sample_rate, Frame frames) {
    using arranger::dsp::Constant;
    if (drum_.noise <= 0.0f) return Signal(frames, 0.0f);
    const Signal level = noise_level(frames);
    const Constant cutoff(drum_.noise_hertz, frames), q(drum_.noise_q, frames);
    const Signal noise = random_.noise(frames);
    Signal sound = drum_.band ? filter_.band_pass(noise, cutoff, q, sample_rate)
                              : filter_.high_pass(noise, cutoff, q, sample_rate);
    for (Frame i = 0; i < frames; ++i) sound[i] *= gain_ * drum_.noise * level[i];
    return sound;
  }

  // The envelope, begun again on the frame of each burst.
  Signal noise_level(Frame frames) {
    if (bursts_ <= 0) return noise_.next(frames);
    Signal level(frames);
    for (Frame i = 0; i < frames; ++i) {
      if (bursts_ > 0 && until_burst_-- == 0) {
        --bursts_;
        until_burst_ = burst_frames_;
        noise_.trigger();
      }
      level[i] = noise_.next();
    }
    return level;
  }

  Drum drum_{};
  arranger::dsp::Oscillator oscillator_;
  arranger::dsp::Random random_;
  arranger::dsp::Svf filter_;
  arranger::dsp::Envelope tone_, noise_, drop_;
  float gain_ = 0.0f;
  int bursts_ = 0;
  Frame burst_frames_ = 0, until_burst_ = 0;
};

}  // namespace synth
