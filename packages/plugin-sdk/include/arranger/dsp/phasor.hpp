// SPDX-License-Identifier: MIT
// A phase as a 32-bit integer: one turn is 2^32 steps, so it wraps by itself and never drifts, and the sum of
// increments is exact however a block is cut. The construction is that of direct digital synthesis (Tierney, Rader and
// Gold 1971). Frequencies are met to sample_rate / 2^33, 6 microhertz at 48 kHz.
#pragma once

#include <arranger/dsp/math.hpp>
#include <arranger/dsp/signal.hpp>

#include <cstdint>

namespace arranger::dsp {

// How many steps of phase per frame a rate in Hz is. Rates beyond half the sample rate, either way, are limited to it
// (NaN too); a negative rate runs backwards. The product is in double precision: a float's rounding is heard as beating
// between voices that should be in tune.
class PhaseStep {
 public:
  // Hz, > 0.
  explicit PhaseStep(double sample_rate)
      : steps_per_hertz_(0x1p32 / sample_rate), limit_(static_cast<float>(sample_rate) * 0.49999994f) {}

  // For a rate in Hz.
  std::int32_t operator()(float rate) const {
    const double steps = static_cast<double>(detail::clamp(rate, -limit_, limit_)) * steps_per_hertz_;
    return static_cast<std::int32_t>(steps + (steps < 0.0 ? -0.5 : 0.5));
  }

 private:
  double steps_per_hertz_;
  float limit_;
};

// [audio] Real-time safe. Every function takes the rate in Hz as a view (a parameter, a signal, a Constant) and the
// sample rate in Hz, returns as many values as the rate has, and leaves the phase after the last of them.
class Phasor {
 public:
  // The phase of the next frame, in turns, usually 0 <= turns < 1; whole turns make no difference.
  void reset(float turns = 0.0f) {
    phase_ = static_cast<std::uint32_t>(static_cast<std::int64_t>(static_cast<double>(turns) * 0x1p32));
  }
  std::uint32_t phase() const { return phase_; }
  void set_phase(std::uint32_t phase) { phase_ = phase; }

  // One frame: returns the phase and moves on. For loops that cannot work on blocks.
  std::uint32_t advance(std::int32_t increment) {
    const std::uint32_t now = phase_;
    phase_ += static_cast<std::uint32_t>(increment);
    return now;
  }

  // sin(2 pi phase), -1 .. 1, error < 1.5e-7.
  template <View Rate>
  Signal sine(const Rate &rate, double sample_rate) {
    return map(rate, sample_rate, [](std::uint32_t phase, std::int32_t) { return sine_of_phase(phase); });
  }

  // A rising ramp 0 .. 1, not band-limited: for modulation, and as an index into tables.
  template <View Rate>
  Signal ramp(const Rate &rate, double sample_rate) {
    return map(rate, sample_rate, [](std::uint32_t phase, std::int32_t) {
      return static_cast<float>(static_cast<std::int32_t>(phase ^ 0x80000000u)) * 0x1p-32f + 0.5f;
    });
  }

  // A rising ramp -1 .. 1 that passes 0 at phase 0, not band-limited: for modulation.
  template <View Rate>
  Signal saw(const Rate &rate, double sample_rate) {
    return map(rate, sample_rate, [](std::uint32_t phase, std::int32_t) {
      return static_cast<float>(static_cast<std::int32_t>(phase)) * 0x1p-31f;
    });
  }

  // A triangle -1 .. 1 in phase with the sine, not band-limited: for modulation.
  template <View Rate>
  Signal triangle(const Rate &rate, double sample_rate) {
    return map(rate, sample_rate, [](std::uint32_t phase, std::int32_t) { return detail::quarters(phase); });
  }

  // Any wave: shape(phase, increment) -> float, for each frame. Vectorises when `shape` has no branch and no call.
  template <View Rate, class Shape>
  Signal map(const Rate &rate, double sample_rate, Shape shape) {
    const Frame size = rate.size();
    const PhaseStep step(sample_rate);
    Signal out(size);
    if (size <= 0) return out;
    if (rate.is_constant()) {
      const std::int32_t increment = step(rate[0]);
      std::uint32_t phase = phase_;
      for (Frame i = 0; i < size; ++i) {
        out[i] = shape(phase, increment);
        phase += static_cast<std::uint32_t>(increment);
      }
      phase_ = phase;
      return out;
    }
    alignas(64) std::int32_t increments[max_frames];
    alignas(64) std::uint32_t phases[max_frames];
    for (Frame i = 0; i < size; ++i) increments[i] = step(rate[i]);
    // Only this sum is serial; what is before and after it vectorises.
    std::uint32_t phase = phase_;
    for (Frame i = 0; i < size; ++i) {
      phases[i] = phase;
      phase += static_cast<std::uint32_t>(increments[i]);
    }
    phase_ = phase;
    for (Frame i = 0; i < size; ++i) out[i] = shape(phases[i], increments[i]);
    return out;
  }

 private:
  std::uint32_t phase_ = 0;
};

}  // namespace arranger::dsp
