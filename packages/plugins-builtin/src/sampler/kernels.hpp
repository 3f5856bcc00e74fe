// SPDX-License-Identifier: MIT
// Interpolation between the frames of a sample: windowed sincs, cut into phases.
#pragma once

#include <arranger/dsp.hpp>

#include <array>
#include <cmath>
#include <cstdint>

namespace arranger::sampler {

// A position in a sample: frames in 32.32 fixed point. Sums of steps are exact, so where calls begin changes no bit.
using Position = std::int64_t;
inline constexpr Position one_frame = Position(1) << 32;

inline constexpr int kernel_count = 9;
inline constexpr int phase_bits = 8, phase_count = 1 << phase_bits;
inline constexpr double crossings = 12, beta = 8;

// Of the sample's half rate.
constexpr double cutoff_of(int kernel) {
  constexpr double quarters[4] = {1, 0.84089641525371454, 0.70710678118654752, 0.59460355750136054};
  return quarters[kernel % 4] / (1 << kernel / 4);
}
constexpr int taps_of(int kernel) { return (static_cast<int>(2 * crossings / cutoff_of(kernel)) + 7) / 8 * 8; }
constexpr int table_size() {
  int size = 0;
  for (int n = 0; n < kernel_count; ++n) size += (phase_count + 1) * taps_of(n);
  return size;
}

// Sinc interpolation with a Kaiser window (Smith and Gossett 1984: A flexible sampling-rate conversion method). Twelve
// zero crossings to either side and beta = 8 keep what is added below -80 dB, with frequencies up to 0.39 of the sample's
// rate untouched. To play faster than recorded, the kernel is stretched and so becomes the low-pass that keeps what
// would be beyond half the output's rate from coming back as other frequencies; there is one kernel per quarter of an
// octave, up to two octaves. Beyond those the stretch stays. A position on a frame at the recorded rate or slower gives
// that frame exactly.
class Kernels {
 public:
  static constexpr int max_taps = taps_of(kernel_count - 1);

  struct Kernel {
    int taps;                                    // a multiple of 8
    const float *rows;                           // phase_count + 1 rows of `taps`
    int before() const { return taps / 2 - 1; }  // frames before the position's own
  };

  Kernels() {
    float *next = table_.data();
    for (int n = 0; n < kernel_count; ++n) {
      kernels_[static_cast<std::size_t>(n)] = {taps_of(n), next};
      next = fill(next, cutoff_of(n), taps_of(n));
    }
  }
  Kernels(const Kernels &) = delete;
  Kernels &operator=(const Kernels &) = delete;

  // The kernel for a step per output frame: the least stretched one that lets no frequency fold.
  const Kernel &kernel_for(Position step) const {
    int n = 0;
    while (n < kernel_count - 1 && static_cast<double>(step) * cutoff_of(n) > static_cast<double>(one_frame)) ++n;
    return kernels_[static_cast<std::size_t>(n)];
  }

  // The value between the frames at `window`, which begins kernel.before() frames before the position's own frame.
  // Eight sums side by side, in a fixed order: they vectorise, and every instruction-set level gives the same bits.
  static float interpolate(const Kernel &kernel, const float *window, Position position) {
    const auto fraction = static_cast<std::uint32_t>(position);
    const float *row = kernel.rows + static_cast<int>(fraction >> (32 - phase_bits)) * kernel.taps;
    const float *next = row + kernel.taps;
    const float t = static_cast<float>(static_cast<std::int32_t>(fraction << phase_bits >> 8)) * 0x1p-24f;
    float sums[8] = {};
    for (int i = 0; i < kernel.taps; i += 8)
      for (int lane = 0; lane < 8; ++lane)
        sums[lane] += window[i + lane] * (row[i + lane] + t * (next[i + lane] - row[i + lane]));
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
  }

 private:
  static double sinc(double x) {
    if (x == 0) return 1;
    const double turns = (x - 2 * std::floor(x / 2)) / 2;  // 0 .. 1; exact zeros where x is whole
    const double sine = turns < 0.5 ? dsp::sine_of_turns(turns) : -dsp::sine_of_turns(turns - 0.5);
    return sine / (3.14159265358979323846 * x);
  }

  // The modified Bessel function of order zero, by its series.
  static double bessel(double x) {
    double sum = 1, term = 1;
    for (int k = 1; k < 32; ++k) {
      term *= x / (2 * k) * (x / (2 * k));
      sum += term;
    }
    return sum;
  }

  // One row per phase, and the first again, a frame on: rows are interpolated. Each sums to one, so that no phase is
  // louder than another.
  static float *fill(float *to, double cutoff, int taps) {
    const double half = taps / 2, peak = bessel(beta);
    for (int phase = 0; phase <= phase_count; ++phase, to += taps) {
      double row[max_taps], sum = 0;
      for (int i = 0; i < taps; ++i) {
        const double x = i - (taps / 2 - 1) - static_cast<double>(phase) / phase_count;
        const double inside = 1 - x / half * (x / half);
        row[i] = sinc(cutoff * x) * bessel(beta * std::sqrt(inside > 0 ? inside : 0)) / peak;
        sum += row[i];
      }
      for (int i = 0; i < taps; ++i) to[i] = static_cast<float>(row[i] / sum);
    }
    return to;
  }

  std::array<Kernel, kernel_count> kernels_{};
  std::array<float, static_cast<std::size_t>(table_size())> table_;
};

// [control] The kernels, made by the first who asks.
inline const Kernels &kernels() {
  static const Kernels instance;
  return instance;
}

}  // namespace arranger::sampler
