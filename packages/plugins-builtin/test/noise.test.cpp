// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <arranger/dsp/fft.hpp>

#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

using namespace harness;

namespace {

enum Colour { white, pink, brown };
constexpr int second = 48000;

Instance noise_of(const Library &library, Colour colour, double level = 0.5) {
  Instance out(library);
  out.set("color", colour);
  out.set("level", level);
  return out;
}

// RMS of the octave around a frequency, up to a factor: the mean of Hann-weighted spectra.
double octave(const Samples &samples, double centre) {
  constexpr int size = 4096;
  arranger::dsp::RealFft fft;
  fft.resize(size);
  Samples weighted(size), real(size / 2 + 1), imag(size / 2 + 1);
  double power = 0;
  for (std::size_t start = 0; start + size <= samples.size(); start += size / 2) {
    for (std::size_t i = 0; i < size; ++i)
      weighted[i] =
          samples[start + i] * static_cast<float>(1 - std::cos(2 * std::numbers::pi * static_cast<double>(i) / size));
    fft.forward(weighted.data(), real.data(), imag.data());
    for (std::size_t k = 0; k < real.size(); ++k) {
      const double ratio = static_cast<double>(k) * second / size / centre;
      if (ratio < 1 / std::numbers::sqrt2 || ratio >= std::numbers::sqrt2) continue;
      power += std::pow(static_cast<double>(real[k]), 2) + std::pow(static_cast<double>(imag[k]), 2);
    }
  }
  return std::sqrt(power);
}

double correlation(const Samples &a, const Samples &b) {
  double ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) ab += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ab / (rms(a) * rms(b) * static_cast<double>(a.size()));
}

}  // namespace

TEST_CASE("noise: all colours are equally loud, by level") {
  const Library library("noise");
  CHECK(library.id == "builtin.noise");
  CHECK(Instance(library).default_of("color") == white);
  for (const Colour colour : {white, pink, brown}) {
    CAPTURE(colour);
    Instance noise = noise_of(library, colour);
    noise.run(second);
    const auto out = noise.run(20 * second);
    // Brown has few independent values: the fewer, the less exact its RMS.
    CHECK(rms(out[0]) == near(0.5 / std::sqrt(3.0), colour == brown ? 0.05 : 0.02));
    Instance softer = noise_of(library, colour, 0.25);
    softer.run(second);
    CHECK(rms(softer.run(20 * second)[0]) == near(rms(out[0]) / 2, 1e-5));
  }
  CHECK(peak(noise_of(library, white, 1).run(second)[0]) == near(1.0, 0.001));
}

TEST_CASE("noise: white is flat, pink falls by 3 dB and brown by 6 dB per octave") {
  const Library library("noise");
  for (const Colour colour : {white, pink, brown}) {
    CAPTURE(colour);
    Instance noise = noise_of(library, colour);
    noise.run(second);
    const Samples out = noise.run(20 * second)[0];
    // An octave is twice as wide as the one below: white gains 3 dB there, pink none, brown loses 3.
    const double from = octave(out, 500), to = octave(out, 4000);
    const double expected = colour == white ? 9.03 : colour == pink ? 0 : -9.03;
    CHECK(std::abs(20 * std::log10(to / from) - expected) < 0.7);
  }
}

TEST_CASE("noise: the sides are independent, or both the left one") {
  const Library library("noise");
  for (const Colour colour : {white, pink, brown}) {
    Instance noise = noise_of(library, colour);
    const auto wide = noise.run(10 * second);
    CHECK(std::abs(correlation(wide[0], wide[1])) < (colour == brown ? 0.2 : colour == pink ? 0.05 : 0.01));
    noise.reset();
    noise.set("stereo", 0);
    const auto narrow = noise.run(second);
    CHECK(narrow[0] == narrow[1]);
    CHECK(narrow[0] == Samples(wide[0].begin(), wide[0].begin() + second));
  }
}
