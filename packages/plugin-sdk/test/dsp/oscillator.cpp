// SPDX-License-Identifier: MIT
#include <arranger/dsp/oscillator.hpp>

#include "support.hpp"

#include <algorithm>
#include <cstdlib>

using namespace arranger::dsp;
using namespace arranger::dsp::test;

namespace {

constexpr std::size_t size = 16384;
constexpr double sample_rate = 48000.0;

// The spectrum of a wave whose `turns` periods fit `size` frames exactly, so that every partial is one bin.
template <class Wave>
std::vector<double> spectrum_of(int turns, Wave wave) {
  Oscillator oscillator;
  const auto hertz = static_cast<float>(turns * sample_rate / static_cast<double>(size));
  return spectrum(
      run(static_cast<Frame>(size), [&](Frame, Frame frames) { return wave(oscillator, Constant(hertz, frames)); }));
}

const auto saw = [](Oscillator &o, const Constant &rate) { return o.saw(rate, sample_rate); };
const auto square = [](Oscillator &o, const Constant &rate) { return o.square(rate, sample_rate); };
const auto triangle = [](Oscillator &o, const Constant &rate) { return o.triangle(rate, sample_rate); };

// The highest bin below `limit` Hz that is no partial, in dB under the fundamental.
double worst_alias(const std::vector<double> &bins, int turns, double limit) {
  double worst = 0.0;
  for (std::size_t bin = 1; bin < static_cast<std::size_t>(limit / sample_rate * static_cast<double>(size)); ++bin)
    if (bin % static_cast<std::size_t>(turns) != 0) worst = std::max(worst, bins[bin]);
  return decibels(worst / bins[static_cast<std::size_t>(turns)]);
}

// What the B-spline takes from a partial.
double roll_off(double bin) {
  const double x = std::numbers::pi * bin / static_cast<double>(size);
  return std::pow(std::sin(x) / x, 4.0);
}

}  // namespace

TEST_CASE("aliases stay below the levels that oscillator.hpp states") {
  struct Row {
    int turns;                                          // of 16384 frames
    double saw, saw_to_12k, triangle, triangle_to_12k;  // dB under the fundamental, at 48 kHz
  };
  // 108 Hz, 442 Hz, 1 kHz, 4 kHz, 10 kHz
  for (const Row &row : {Row{37, -62, -92, -109, -142}, Row{151, -50, -80, -85, -120}, Row{341, -45, -76, -73, -107},
                         Row{1365, -38, -77, -55, -106}, Row{3413, -33, -67, -42, -130}}) {
    CAPTURE(row.turns);
    CHECK(worst_alias(spectrum_of(row.turns, saw), row.turns, 24000) < row.saw);
    CHECK(worst_alias(spectrum_of(row.turns, saw), row.turns, 12000) < row.saw_to_12k);
    CHECK(worst_alias(spectrum_of(row.turns, square), row.turns, 24000) < row.saw);
    CHECK(worst_alias(spectrum_of(row.turns, square), row.turns, 12000) < row.saw_to_12k);
    CHECK(worst_alias(spectrum_of(row.turns, triangle), row.turns, 24000) < row.triangle);
    CHECK(worst_alias(spectrum_of(row.turns, triangle), row.turns, 12000) < row.triangle_to_12k);
  }
}

TEST_CASE("partials have their levels") {
  const int turns = 75;  // 220 Hz
  const auto saws = spectrum_of(turns, saw), squares = spectrum_of(turns, square),
             triangles = spectrum_of(turns, triangle);
  for (std::size_t partial = 1; partial <= 40; ++partial) {
    CAPTURE(partial);
    const auto bin = partial * static_cast<std::size_t>(turns);
    const auto n = static_cast<double>(partial);
    const double roll = roll_off(static_cast<double>(bin));
    CHECK(saws[bin] == doctest::Approx(2.0 / (std::numbers::pi * n) * roll).epsilon(1e-3));
    if (partial % 2 == 1) {
      CHECK(squares[bin] == doctest::Approx(4.0 / (std::numbers::pi * n) * roll).epsilon(1e-3));
      CHECK(triangles[bin] == doctest::Approx(8.0 / std::pow(std::numbers::pi * n, 2.0) * roll).epsilon(2e-3));
    } else {
      CHECK(decibels(squares[bin]) < -90);
      CHECK(decibels(triangles[bin]) < -90);
    }
  }
}

TEST_CASE("a pulse has the mean and the missing partials of its width") {
  const int turns = 75;
  const auto quarter = [](Oscillator &o, const Constant &rate) { return o.pulse(rate, 0.25f, sample_rate); };
  const auto bins = spectrum_of(turns, quarter);
  CHECK(bins[0] / 2.0 == doctest::Approx(0.5).epsilon(1e-3));  // bin 0 is the magnitude of the mean 2 * 0.25 - 1, twice
  CHECK(decibels(bins[static_cast<std::size_t>(4 * turns)]) < -80);
  CHECK(bins[static_cast<std::size_t>(turns)] ==
        doctest::Approx(4.0 / std::numbers::pi * std::sqrt(0.5)).epsilon(1e-3));
  for (const float width : {0.0f, 1.0f, -3.0f, 7.0f}) {
    Oscillator oscillator;
    const Signal out = oscillator.pulse(Constant(100.0f, 128), width, sample_rate);
    for (Frame i = 0; i < 128; ++i) CHECK(std::abs(std::abs(out[i]) - 1.0f) < 1e-4f);
  }
}

TEST_CASE("waves start at phase 0 and stay in range") {
  for (const float hertz : {27.5f, 440.0f, 4186.0f, 12543.0f, 23000.0f}) {
    CAPTURE(hertz);
    float peak = 0.0f;
    Oscillator saws, squares, triangles;
    for (int block = 0; block < 40; ++block) {
      const Constant rate(hertz, 128);
      const Signal a = saws.saw(rate, sample_rate), b = squares.square(rate, sample_rate),
                   c = triangles.triangle(rate, sample_rate);
      if (block == 0 && hertz < 12000.0f) {
        CHECK(std::abs(a[0]) < 1e-5f);
        CHECK(std::abs(b[0]) < 1e-5f);
        CHECK(std::abs(c[0]) < 1e-5f);
        CHECK(a[1] > 0.0f);
        CHECK(b[1] > 0.0f);
        CHECK(c[1] > 0.0f);
      }
      for (Frame i = 0; i < 128; ++i) peak = std::max({peak, std::abs(a[i]), std::abs(b[i]), std::abs(c[i])});
    }
    CHECK(peak < 1.01f);
  }
}

TEST_CASE("any cut gives the same bits, at a still and at a moving rate, backwards too") {
  const auto check = [](auto wave) {
    check_any_cut(4000, [&] {
      return [wave, oscillator = Oscillator()](Frame, Frame frames) mutable {
        return wave(oscillator, Constant(987.6f, frames));
      };
    });
    check_any_cut(4000, [&] {
      return [wave, oscillator = Oscillator()](Frame first, Frame frames) mutable {
        return wave(oscillator, part(first, frames, [](Frame i) { return moving(i, -300.0, 3000.0); }));
      };
    });
  };
  check([](Oscillator &o, const auto &rate) { return o.sine(rate, sample_rate); });
  check([](Oscillator &o, const auto &rate) { return o.saw(rate, sample_rate); });
  check([](Oscillator &o, const auto &rate) { return o.square(rate, sample_rate); });
  check([](Oscillator &o, const auto &rate) { return o.pulse(rate, 0.1f, sample_rate); });
  check([](Oscillator &o, const auto &rate) { return o.triangle(rate, sample_rate); });
}

TEST_CASE("a rate of 0 stands still and stays finite") {
  Oscillator oscillator;
  for (const float turns : {0.0f, 0.25f, 0.5f, 0.75f}) {
    oscillator.reset(turns);
    const Constant still(0.0f, 16);
    for (const Signal &out : {oscillator.saw(still, sample_rate), oscillator.square(still, sample_rate),
                              oscillator.triangle(still, sample_rate)})
      for (Frame i = 0; i < 16; ++i) {
        CHECK(std::abs(out[i]) <= 1.0f);
        CHECK(out[i] == out[0]);
      }
  }
}
