// SPDX-License-Identifier: MIT
#include <arranger/dsp/phasor.hpp>

#include "support.hpp"

#include <limits>

using namespace arranger::dsp;
using namespace arranger::dsp::test;

TEST_CASE("the sine is the formula's, at its frequency, after a minute too") {
  Phasor phasor;
  const Frame frames = 48000 * 60;
  const auto samples = run(frames, [&](Frame, Frame size) { return phasor.sine(Constant(440.0f, size), 48000.0); });
  // 6 microhertz are 1/2800 turn in a minute.
  double worst = 0.0;
  for (Frame i = 0; i < frames; ++i) {
    const double exact = std::sin(2.0 * std::numbers::pi * 440.0 * i / 48000.0);
    worst = std::max(worst, std::abs(static_cast<double>(samples[static_cast<std::size_t>(i)]) - exact));
  }
  CHECK(worst < 2.2e-3);
  int rises = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) rises += samples[i - 1] < 0.0f && samples[i] >= 0.0f ? 1 : 0;
  CHECK(rises == 440 * 60 - 1);
}

TEST_CASE("a rate that divides the turn exactly repeats exactly") {
  Phasor phasor;
  const auto samples = run(4800, [&](Frame, Frame size) { return phasor.saw(Constant(375.0f, size), 48000.0); });
  bool repeats = true;
  for (std::size_t i = 128; i < samples.size(); ++i) repeats = repeats && samples[i] == samples[i - 128];
  CHECK(repeats);
}

TEST_CASE("any cut gives the same bits, at a still and at a moving rate") {
  check_any_cut(5000, [] {
    return [phasor = Phasor()](Frame, Frame size) mutable { return phasor.sine(Constant(1234.5f, size), 44100.0); };
  });
  check_any_cut(5000, [] {
    return [phasor = Phasor()](Frame first, Frame size) mutable {
      return phasor.sine(part(first, size, [](Frame i) { return moving(i, -100.0, 5000.0); }), 44100.0);
    };
  });
}

TEST_CASE("the constant hint changes nothing") {
  Phasor hinted, plain;
  Signal rate(128);
  for (Frame i = 0; i < 128; ++i) rate[i] = 777.7f;
  for (int block = 0; block < 10; ++block) {
    const Signal a = hinted.sine(Constant(777.7f, 128), 48000.0), b = plain.sine(rate, 48000.0);
    CHECK(std::memcmp(a.data(), b.data(), 128 * sizeof(float)) == 0);
  }
}

TEST_CASE("ramps have their range and their phase") {
  const Constant rate(1.0f, 8);
  Phasor phasor;
  const Signal ramp = phasor.ramp(rate, 8.0);
  const Signal saw = phasor.saw(rate, 8.0);
  const Signal triangle = phasor.triangle(rate, 8.0);
  const float ramps[] = {0.0f, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 0.875f};
  const float saws[] = {0.0f, 0.25f, 0.5f, 0.75f, -1.0f, -0.75f, -0.5f, -0.25f};
  const float triangles[] = {0.0f, 0.5f, 1.0f, 0.5f, 0.0f, -0.5f, -1.0f, -0.5f};
  for (Frame i = 0; i < 8; ++i) {
    CHECK(ramp[i] == ramps[i]);
    CHECK(saw[i] == saws[i]);
    CHECK(triangle[i] == doctest::Approx(triangles[i]).epsilon(1e-6));
  }
}

TEST_CASE("a negative rate runs backwards") {
  Phasor forwards, backwards;
  const Signal a = forwards.sine(Constant(1000.0f, 100), 48000.0), b = backwards.sine(Constant(-1000.0f, 100), 48000.0);
  for (Frame i = 0; i < 100; ++i) CHECK(a[i] == doctest::Approx(-b[i]).epsilon(1e-6));
}

TEST_CASE("reset sets the phase") {
  Phasor phasor;
  phasor.reset(0.25f);
  CHECK(phasor.phase() == 0x40000000u);
  CHECK(phasor.sine(Constant(100.0f, 1), 48000.0)[0] == 1.0f);
  phasor.reset(-0.75f);
  CHECK(phasor.phase() == 0x40000000u);
}

TEST_CASE("impossible rates are limited and stay finite") {
  using limits = std::numeric_limits<float>;
  for (const float rate : {1e30f, -1e30f, limits::infinity(), -limits::infinity(), limits::quiet_NaN()}) {
    Phasor phasor;
    const Signal out = phasor.sine(Constant(rate, 128), 48000.0);
    for (Frame i = 0; i < 128; ++i) CHECK(std::abs(out[i]) <= 1.0f);
  }
  for (const double sample_rate : {8000.0, 44100.0, 384000.0}) {
    const PhaseStep step(sample_rate);
    CHECK(step(1e30f) > 0x7ffffe00);
    CHECK(step(static_cast<float>(sample_rate / 2.0)) > 0x7ffffe00);
    CHECK(step(-1e30f) < -0x7ffffe00);
    CHECK(step(static_cast<float>(sample_rate / 4.0)) == 0x40000000);
    CHECK(step(0.0f) == 0);
  }
}
