// SPDX-License-Identifier: MIT
// Responses of linear effects, measured.
#pragma once

#include "harness.hpp"

#include <cmath>
#include <complex>

namespace harness {

// What an impulse of 1 on both sides of `audio_in` becomes.
inline std::vector<Samples> impulse_response(Instance &effect, int frames) {
  Samples impulse(static_cast<std::size_t>(frames), 0.0f);
  impulse[0] = 1.0f;
  effect.feed("audio_in", {impulse, impulse});
  return effect.run(frames);
}

// The Fourier transform of a response at one frequency, of any value: |H|.
inline double gain_at(const Samples &response, double hertz, double sample_rate) {
  const std::complex<double> step = std::polar(1.0, -2 * std::acos(-1.0) * hertz / sample_rate);
  std::complex<double> sum = 0;
  for (std::size_t i = response.size(); i-- > 0;) sum = sum * step + static_cast<double>(response[i]);
  return std::abs(sum);
}

inline double db(double gain) { return 20 * std::log10(gain); }

}  // namespace harness
