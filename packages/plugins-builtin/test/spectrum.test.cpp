// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000;
constexpr int size = 2048;
constexpr double bin_hertz = static_cast<double>(rate) / size;

Samples spectrum_of(Instance &spectrum, const Samples &left, const Samples &right) {
  spectrum.feed("audio_in", {left, right});
  CHECK(spectrum.run(static_cast<int>(left.size()), {77}) == std::vector<Samples>{left, right});
  return spectrum.monitor_values("spectrum");
}

bool within(float value, double expected, double tolerance) {
  CAPTURE(value);
  return std::abs(static_cast<double>(value) - expected) < tolerance;
}

}  // namespace

TEST_CASE("spectrum: a sine reads its level in its bin, 6 dB less beside it and nothing elsewhere") {
  const Library library("spectrum");
  CHECK(library.id == "builtin.spectrum");
  for (const int bin : {4, 100, 1000}) {
    CAPTURE(bin);
    Instance spectrum(library);
    const Samples in = tone(2 * size, bin * bin_hertz, rate, 0.5f);
    const Samples out = spectrum_of(spectrum, in, in);
    REQUIRE(out.size() == 1025);
    for (int k = 0; k < 1025; ++k) {
      CAPTURE(k);
      const double expected = k == bin ? -6.0206 : std::abs(k - bin) == 1 ? -12.0412 : -120;
      if (expected > -100) REQUIRE(within(out[static_cast<std::size_t>(k)], expected, 0.01));
      else REQUIRE(out[static_cast<std::size_t>(k)] < -100);
    }
  }
}

TEST_CASE("spectrum: between two bins a sine reads 1.42 dB less, and a constant its level at 0 Hz") {
  const Library library("spectrum");
  Instance spectrum(library);
  const Samples in = tone(2 * size, 100.5 * bin_hertz, rate, 1.0f);
  const Samples between = spectrum_of(spectrum, in, in);
  CHECK(within(between[100], -1.42, 0.01));
  CHECK(within(between[101], -1.42, 0.01));
  const Samples dc(2 * size, 0.5f);
  CHECK(within(spectrum_of(spectrum, dc, dc)[0], -6.0206, 0.01));
}

TEST_CASE("spectrum: shows the side that is chosen, the average at first") {
  const Library library("spectrum");
  const Samples left = tone(2 * size, 100 * bin_hertz, rate), right = tone(2 * size, 200 * bin_hertz, rate);
  for (const int side : {0, 1, 2}) {
    Instance spectrum(library);
    CHECK(spectrum.default_of("channel") == 2);
    spectrum.set("channel", side);
    const Samples out = spectrum_of(spectrum, left, right);
    CHECK(within(out[100], side == 2 ? -6.0206 : side == 0 ? 0 : -120, side == 1 ? 20 : 0.01));
    CHECK(within(out[200], side == 2 ? -6.0206 : side == 1 ? 0 : -120, side == 0 ? 20 : 0.01));
  }
}

TEST_CASE("spectrum: is taken every 1024 frames since reset, of the 2048 before") {
  const Library library("spectrum");
  Instance spectrum(library);
  const Samples quiet(1023, 0.0f), loud = tone(2 * size, 100 * bin_hertz, rate);
  CHECK(spectrum_of(spectrum, quiet, quiet).empty());
  const Samples one(1, 0.0f);
  CHECK(spectrum_of(spectrum, one, one) == Samples(1025, -120.0f));
  CHECK(spectrum_of(spectrum, Samples(loud.begin(), loud.begin() + 1023), Samples(1023, 0.0f)) ==
        Samples(1025, -120.0f));
  CHECK(spectrum_of(spectrum, one, one)[100] > -20);  // half a window of it
}

TEST_CASE("spectrum: sleeps when its window is silent and shown so, and keeps its grid") {
  const Library library("spectrum");
  Instance spectrum(library);
  const Samples loud = noise(1000, 1);
  spectrum_of(spectrum, loud, loud);
  spectrum.run(2 * size + 1024);
  CHECK(spectrum.asleep());
  CHECK(spectrum.monitor_values("spectrum") == Samples(1025, -120.0f));

  // The same sound with and without a sleep before it gives the same spectrum.
  Instance awake(library);
  const Samples quiet(1000 + 2 * size + 1024, 0.0f), in = noise(1500, 2);
  awake.give_hints = false;
  spectrum_of(awake, quiet, quiet);
  CHECK(spectrum_of(awake, in, in) == spectrum_of(spectrum, in, in));
}
