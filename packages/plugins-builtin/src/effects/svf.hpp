// SPDX-License-Identifier: MIT
// The second-order filter of filter and eq, stereo and in double precision: the state-variable filter by trapezoidal
// integration of Andrew Simper, "Solving the continuous SVF equations using trapezoidal integration and equivalent
// currents" (2013). dsp::Svf is its quick relative; this one keeps a low cutoff exact, cannot overflow, and ends.
#pragma once

#include <arranger/plugin.hpp>

#include <cmath>

#include "range.hpp"

namespace effects {

// tan(pi hz / sample_rate), `hz` limited to 1e-6 .. 0.49 of the sample rate.
inline double warped(double hz, double sample_rate) {
  const double ratio = hz / sample_rate;
  const double turns = ratio > 1e-6 ? (ratio < 0.49 ? ratio : 0.49) : 1e-6;
  return arranger::dsp::sine_of_turns(0.5 * turns) / arranger::dsp::cosine_of_turns(0.5 * turns);
}

// One response: the output is in_gain * in + band_gain * band + low_gain * low, where band and low are s / (s² + ks + 1)
// and 1 / (s² + ks + 1), s = j tan(pi f / sample_rate) / g. The cutoff is at s = j.
struct Response {
  double g = 1.0;  // tan(pi cutoff / sample_rate)
  double k = 2.0;  // 1 / q
  double in_gain = 1.0, band_gain = 0.0, low_gain = 0.0;

  // |H|² at `hz`. [control]
  double power(double hz, double sample_rate) const {
    const double w = warped(hz, sample_rate) / g;
    const double real = 1.0 - w * w, imaginary = k * w;
    const double re = in_gain * real + low_gain, im = in_gain * imaginary + band_gain * w;
    return (re * re + im * im) / (real * real + imaginary * imaginary);
  }
};

// What one frame needs of a response.
struct Coefficients {
  double a1, a2, a3, in_gain, band_gain, low_gain;
  explicit Coefficients(const Response &response)
      : a1(1.0 / (1.0 + response.g * (response.g + response.k))),
        a2(response.g * a1),
        a3(response.g * a2),
        in_gain(response.in_gain),
        band_gain(response.band_gain),
        low_gain(response.low_gain) {}
};

// One channel. [audio] Real-time safe.
class Svf {
 public:
  void reset() { s1_ = s2_ = 0.0; }
  bool is_over() const { return s1_ == 0.0 && s2_ == 0.0; }

  double process(double in, const Coefficients &c) {
    const double v3 = in - s2_;
    const double band = c.a1 * s1_ + c.a2 * v3;
    const double low = s2_ + c.a2 * s1_ + c.a3 * v3;
    s1_ = 2.0 * band - s1_;
    s2_ = 2.0 * low - s2_;
    // On every frame of silence, and so wherever a call ends.
    if (in == 0.0 && std::fabs(s1_) < tiny && std::fabs(s2_) < tiny) reset();
    return c.in_gain * in + (c.band_gain * band + c.low_gain * low);
  }

 private:
  static constexpr double tiny = static_cast<double>(inaudible);
  double s1_ = 0.0, s2_ = 0.0;
};

}  // namespace effects
