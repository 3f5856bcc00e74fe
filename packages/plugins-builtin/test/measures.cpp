// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace harness {

Cuts random_cuts(std::uint32_t seed, int frames, int longest) {
  std::mt19937 random(seed);
  Cuts cuts;
  for (int total = 0; total < frames; total += cuts.back())
    cuts.push_back(1 + static_cast<int>(random() % static_cast<unsigned>(random() % 4 == 0 ? longest : 40)));
  return cuts;
}

double rms(const Samples &samples, int from, int to) {
  if (to < 0) to = static_cast<int>(samples.size());
  double sum = 0;
  for (int i = from; i < to; ++i)
    sum += static_cast<double>(samples[static_cast<std::size_t>(i)]) *
           static_cast<double>(samples[static_cast<std::size_t>(i)]);
  return std::sqrt(sum / (to - from));
}

double peak(const Samples &samples, int from, int to) {
  if (to < 0) to = static_cast<int>(samples.size());
  double greatest = 0;
  for (int i = from; i < to; ++i)
    greatest = std::max(greatest, std::abs(static_cast<double>(samples[static_cast<std::size_t>(i)])));
  return greatest;
}

double amplitude_at(const Samples &samples, double hertz, double sample_rate, int from, int to) {
  double cosine = 0, sine = 0;
  for (int i = from; i < to; ++i) {
    const double angle = 2 * std::numbers::pi * hertz / sample_rate * i;
    cosine += std::cos(angle) * static_cast<double>(samples[static_cast<std::size_t>(i)]);
    sine += std::sin(angle) * static_cast<double>(samples[static_cast<std::size_t>(i)]);
  }
  return 2 * std::hypot(cosine, sine) / (to - from);
}

bool all_finite(const Samples &samples) {
  return std::all_of(samples.begin(), samples.end(), [](float x) { return std::isfinite(x); });
}

Samples noise(int frames, std::uint32_t seed, float level) {
  std::mt19937 random(seed);
  Samples out(static_cast<std::size_t>(frames));
  for (float &x : out) x = level * (static_cast<float>(random() >> 8) * 0x1p-23f - 1.0f);
  return out;
}

Samples tone(int frames, double hertz, double sample_rate, float level) {
  Samples out(static_cast<std::size_t>(frames));
  for (int i = 0; i < frames; ++i)
    out[static_cast<std::size_t>(i)] =
        level * static_cast<float>(std::sin(2 * std::numbers::pi * hertz / sample_rate * i));
  return out;
}

}  // namespace harness
