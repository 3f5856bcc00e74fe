// SPDX-License-Identifier: MIT
// What the DSP tests share: cutting a stretch of frames into blocks, and spectra.
#pragma once

#include <arranger/dsp/signal.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstring>
#include <numbers>
#include <random>
#include <vector>

namespace arranger::dsp::test {

using Floats = std::vector<float>;

// Cuts `frames` into blocks of at most `size`; 0 means at random.
inline std::vector<Frame> cuts(Frame frames, Frame size, std::mt19937 &random) {
  std::vector<Frame> blocks;
  while (frames > 0) {
    Frame block = size > 0 ? size : std::uniform_int_distribution<Frame>(0, max_frames)(random);
    block = std::min(block, frames);
    blocks.push_back(block);
    frames -= block;
  }
  return blocks;
}

// Calls render(first frame, frames) -> View for each block and joins what it returns.
template <class Render>
Floats join(const std::vector<Frame> &blocks, Render &&render) {
  Floats all;
  Frame first = 0;
  for (const Frame size : blocks) {
    const auto block = render(first, size);
    REQUIRE(block.size() == size);
    for (Frame i = 0; i < size; ++i) all.push_back(block[i]);
    if (block.is_constant())
      for (Frame i = 1; i < size; ++i) REQUIRE(block[i] == block[0]);
    first += size;
  }
  return all;
}

template <class Render>
Floats run(Frame frames, Render &&render) {
  std::mt19937 random;
  return join(cuts(frames, max_frames, random), render);
}

inline bool same_bits(const Floats &a, const Floats &b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// make() -> a fresh renderer. Whole blocks, single frames, odd blocks and random cuts must give the same bits.
template <class Make>
Floats check_any_cut(Frame frames, Make make) {
  std::mt19937 random(12345);
  const Floats whole = join(cuts(frames, max_frames, random), make());
  for (const Frame size : {1, 7, 64, 0, 0, 0, 0, 0, 0, 0, 0}) {
    CAPTURE(size);
    CHECK(same_bits(join(cuts(frames, size, random), make()), whole));
  }
  return whole;
}

// Part of a longer curve, with the constant hint set wherever it is true.
template <class Curve>
Signal part(Frame first, Frame size, Curve curve) {
  Signal out(size);
  bool constant = true;
  for (Frame i = 0; i < size; ++i) {
    out[i] = static_cast<float>(curve(first + i));
    constant = constant && out[i] == out[0];
  }
  if (constant) out.mark_constant();
  return out;
}

// A curve with flat parts, ramps and jumps, for everything that may be modulated.
inline double moving(Frame i, double low, double high) {
  const int phase = i % 1000;
  const double t = phase < 300 ? 0.2 : phase < 600 ? 0.2 + (phase - 300) / 300.0 * 0.8 : phase < 800 ? 0.55 : 0.0;
  return low + (high - low) * t;
}

// Amplitudes of the bins 0 .. size / 2 (a full-scale sine in a bin gives 1). The size is a power of two.
inline std::vector<std::complex<double>> transform(std::vector<std::complex<double>> x) {
  const std::size_t size = x.size();
  if (size == 1) return x;
  std::vector<std::complex<double>> even, odd;
  for (std::size_t i = 0; i < size; i += 2) {
    even.push_back(x[i]);
    odd.push_back(x[i + 1]);
  }
  even = transform(std::move(even));
  odd = transform(std::move(odd));
  for (std::size_t i = 0; i < size / 2; ++i) {
    const double angle = -2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size);
    const auto turned = std::polar(1.0, angle) * odd[i];
    x[i] = even[i] + turned;
    x[i + size / 2] = even[i] - turned;
  }
  return x;
}

inline std::vector<double> response(const Floats &samples) {
  std::vector<double> bins;
  for (const auto &bin : transform({samples.begin(), samples.end()})) bins.push_back(std::abs(bin));
  return bins;
}

inline std::vector<double> spectrum(const Floats &samples) {
  std::vector<double> bins = response(samples);
  bins.resize(bins.size() / 2 + 1);
  for (double &bin : bins) bin *= 2.0 / static_cast<double>(samples.size());
  return bins;
}

inline double decibels(double gain) { return 20.0 * std::log10(gain); }

}  // namespace arranger::dsp::test
