// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"
#include "response.hpp"

#include <cmath>
#include <complex>

#include <doctest/doctest.h>

using namespace harness;

namespace {

enum Mode { low_pass, high_pass, band_pass, notch, peak_mode, all_pass };

// The analog filter, with the frequency axis bent by the bilinear transform so that both meet at the cutoff.
double expected_gain(int mode, double hz, double cutoff, double q, double rate) {
  const double pi = std::acos(-1.0);
  const std::complex<double> s(0, std::tan(pi * hz / rate) / std::tan(pi * cutoff / rate));
  const std::complex<double> below = s * s + s / q + 1.0;
  switch (mode) {
    case low_pass:
      return std::abs(1.0 / below);
    case high_pass:
      return std::abs(s * s / below);
    case band_pass:
      return std::abs(s / q / below);
    case notch:
      return std::abs((s * s + 1.0) / below);
    case peak_mode:
      return std::abs((1.0 - s * s) / below);
    default:
      return 1.0;
  }
}

Instance filter_at(const Library &library, int mode, double cutoff, double q, double rate = 48000) {
  Instance filter(library, {}, rate);
  filter.set("mode", mode);
  filter.set("cutoff", cutoff);
  filter.set("q", q);
  return filter;
}

Samples filtered(Instance &filter, const Samples &in) {
  filter.feed("audio_in", {in, in});
  return filter.run(static_cast<int>(in.size()))[0];
}

}  // namespace

TEST_CASE("filter: every mode has the response of its analog model") {
  const Library library("filter");
  CHECK(library.id == "builtin.filter");
  for (const double rate : {8000.0, 48000.0, 192000.0}) {
    for (int mode = low_pass; mode <= all_pass; ++mode) {
      for (const auto &[cutoff, q] : {std::pair{300.0, 0.7071}, {1500.0, 5.0}}) {
        Instance filter = filter_at(library, mode, cutoff, q, rate);
        const auto response = impulse_response(filter, static_cast<int>(rate / 2))[0];
        for (const double hz : {50.0, 299.0, 800.0, 1500.0, 2500.0, 3700.0}) {
          CAPTURE(rate);
          CAPTURE(mode);
          CAPTURE(cutoff);
          CAPTURE(hz);
          CHECK(gain_at(response, hz, rate) == doctest::Approx(expected_gain(mode, hz, cutoff, q, rate)).epsilon(2e-5));
        }
      }
    }
  }
}

TEST_CASE("filter: a cutoff given per frame and one given at once are the same bits") {
  const Library library("filter");
  const Samples in = noise(9600, 3);
  Instance resting = filter_at(library, low_pass, 700, 2);
  Instance moving = filter_at(library, low_pass, 700, 2);
  moving.curve("cutoff", Samples(9600, 700.0f));
  CHECK(filtered(moving, in) == filtered(resting, in));
}

TEST_CASE("filter: a new cutoff rules from its frame on") {
  const Library library("filter");
  const Samples in = noise(9600, 3);
  Samples cutoff(9600, 700.0f);
  std::fill(cutoff.begin() + 5000, cutoff.end(), 7000.0f);
  Instance resting = filter_at(library, low_pass, 700, 2), moving = filter_at(library, low_pass, 700, 2);
  moving.curve("cutoff", cutoff);
  const Samples before = filtered(resting, in), after = filtered(moving, in);
  CHECK(Samples(before.begin(), before.begin() + 5000) == Samples(after.begin(), after.begin() + 5000));
  CHECK(before[5000] != after[5000]);
}

TEST_CASE("filter: stays bounded however fast cutoff and q move") {
  const Library library("filter");
  const int frames = 48000;
  for (int mode = low_pass; mode <= all_pass; ++mode) {
    CAPTURE(mode);
    Instance filter = filter_at(library, mode, 1000, 1);
    Samples cutoff = noise(frames, 4), q = noise(frames, 5);
    for (float &x : cutoff) x = 20.0f * std::exp2(9.96f * (0.5f + 0.5f * x));
    for (float &x : q) x = 0.1f * std::exp2(8.96f * (0.5f + 0.5f * x));
    filter.curve("cutoff", cutoff);
    filter.curve("q", q);
    CHECK(peak(filtered(filter, noise(frames, 6))) < 100);
  }
}

TEST_CASE("filter: without drive it is linear to the bit, with drive full scale stays and harmonics come") {
  const Library library("filter");
  const Samples soft = noise(4800, 7, 0.25f);
  Samples loud = soft;
  for (float &x : loud) x *= 4.0f;
  Instance a = filter_at(library, low_pass, 900, 3), b = filter_at(library, low_pass, 900, 3);
  Samples expected = filtered(a, soft);
  for (float &x : expected) x *= 4.0f;
  CHECK(filtered(b, loud) == expected);

  Instance driven = filter_at(library, all_pass, 1000, 0.7071);
  driven.set("drive_db", 18);
  const Samples out = filtered(driven, tone(48000, 1000, 48000, 1.0f));
  CHECK(amplitude_at(out, 3000, 48000, 24000, 48000) > 0.2);
  const Samples level(4800, 1.0f);
  Instance direct = filter_at(library, low_pass, 2000, 0.7071);
  direct.set("drive_db", 18);
  CHECK(filtered(direct, level).back() == doctest::Approx(1.0).epsilon(1e-5));
}

TEST_CASE("filter: a new mode fades in over 10 ms") {
  const Library library("filter");
  Instance filter = filter_at(library, low_pass, 1000, 0.7071);
  Samples mode(9600, 0.0f);
  std::fill(mode.begin() + 4800, mode.end(), 1.0f);
  filter.curve("mode", mode);
  const Samples out = filtered(filter, Samples(9600, 1.0f));
  CHECK(out[4799] == doctest::Approx(1.0));
  CHECK(std::abs(out[4800 + 480]) < 1e-5f);
  for (std::size_t i = 4800; i < 9600; ++i) REQUIRE(std::abs(out[i] - out[i - 1]) < 1.01f / 480);
}

TEST_CASE("filter: rings out, and sleeps when it is inaudible") {
  const Library library("filter");
  Instance filter = filter_at(library, band_pass, 20, 50, 8000);
  filtered(filter, tone(8000, 20, 8000, 1.0f));
  CHECK(peak(filtered(filter, Samples(8000, 0.0f))) > 0.05);
  CHECK(!filter.asleep());
  filtered(filter, Samples(static_cast<std::size_t>(filter.tail_frames()), 0.0f));
  CHECK(filter.asleep());
}
