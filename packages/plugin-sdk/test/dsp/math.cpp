// SPDX-License-Identifier: MIT
// The errors that math.hpp states, against the C library's double precision.
#include <arranger/dsp/math.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace dsp = arranger::dsp;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

struct Worst {
  double absolute = 0.0, relative = 0.0;
  void add(float got, double exact) {
    const double error = std::abs(static_cast<double>(got) - exact);
    absolute = std::max(absolute, error);
    if (exact != 0.0) relative = std::max(relative, error / std::abs(exact));
  }
};

// The worst error over `count` points from `low` to `high`.
template <class Fast, class Exact>
Worst worst_error(double low, double high, Fast fast, Exact exact, int count = 1'000'000) {
  Worst worst;
  for (int i = 0; i <= count; ++i) {
    const auto x = static_cast<float>(low + (high - low) * i / count);
    worst.add(fast(x), exact(static_cast<double>(x)));
  }
  return worst;
}

}  // namespace

TEST_CASE("sine_of_phase: error below 1.5e-7, never beyond 1") {
  Worst worst;
  float peak = 0.0f;
  const auto look = [&](std::uint64_t phase) {
    const float got = dsp::sine_of_phase(static_cast<std::uint32_t>(phase));
    worst.add(got, std::sin(2.0 * std::numbers::pi * static_cast<double>(phase) * 0x1p-32));
    peak = std::max(peak, std::abs(got));
  };
  for (std::uint64_t phase = 0; phase < (1ull << 32); phase += 4093) look(phase);
  for (std::uint64_t phase = 0x3ff00000; phase < 0x40100000; ++phase) look(phase);
  CHECK(worst.absolute < 1.5e-7);
  CHECK(peak <= 1.0f);
  CHECK(dsp::sine_of_phase(0) == 0.0f);
  CHECK(dsp::sine_of_phase(0x40000000u) == 1.0f);
  CHECK(dsp::sine_of_phase(0xc0000000u) == -1.0f);
}

TEST_CASE("exp2: relative error below 1.5e-7, exact for whole numbers, limited outside its range") {
  CHECK(worst_error(-126, 127.99, dsp::exp2, [](double x) { return std::exp2(x); }).relative < 1.5e-7);
  CHECK(worst_error(-1, 1, dsp::exp2, [](double x) { return std::exp2(x); }).relative < 1.5e-7);
  for (int x = -126; x <= 127; ++x) CHECK(dsp::exp2(static_cast<float>(x)) == std::ldexp(1.0f, x));
  CHECK(dsp::exp2(-infinity) == 0x1p-126f);
  CHECK(dsp::exp2(infinity) == dsp::exp2(127.99f));
  CHECK(std::isfinite(dsp::exp2(not_a_number)));
}

TEST_CASE("log2: error below 2e-7 * max(1, |log2|), exact for powers of two, limited outside its range") {
  double worst = 0.0;
  for (int i = 0; i <= 1'000'000; ++i) {
    const auto x = static_cast<float>(std::exp2(-125.9 + 253.0 * i / 1'000'000));
    const double exact = std::log2(static_cast<double>(x));
    worst = std::max(worst, std::abs(static_cast<double>(dsp::log2(x)) - exact) / std::max(1.0, std::abs(exact)));
  }
  CHECK(worst < 2e-7);
  for (int x = -126; x <= 127; ++x) CHECK(dsp::log2(std::ldexp(1.0f, x)) == static_cast<float>(x));
  for (const float x : {0.0f, -1.0f, -infinity}) CHECK(dsp::log2(x) == -126.0f);
  CHECK(dsp::log2(infinity) == doctest::Approx(128.0));
  CHECK(std::isfinite(dsp::log2(not_a_number)));
}

TEST_CASE("tanh: relative error below 4e-7, never beyond 1") {
  CHECK(worst_error(-12, 12, dsp::tanh, [](double x) { return std::tanh(x); }).relative < 4e-7);
  CHECK(worst_error(-0.01, 0.01, dsp::tanh, [](double x) { return std::tanh(x); }).relative < 4e-7);
  for (const float x : {9.0f, 9.02f, 100.0f, infinity}) {
    CHECK(dsp::tanh(x) <= 1.0f);
    CHECK(dsp::tanh(-x) >= -1.0f);
    CHECK(dsp::tanh(x) > 0.9999999f);
  }
  CHECK(dsp::tanh(0.0f) == 0.0f);
}

TEST_CASE("tan_of_half_turns: relative error below 5e-7 up to 0.499") {
  const auto exact = [](double x) { return std::tan(std::numbers::pi * x); };
  CHECK(worst_error(1e-5, 0.499, dsp::tan_of_half_turns, exact).relative < 5e-7);
  CHECK(worst_error(1e-5, 0.01, dsp::tan_of_half_turns, exact).relative < 5e-7);
}

TEST_CASE("sine and cosine of turns: double precision for filter design") {
  for (int i = 0; i <= 10'000; ++i) {
    const double x = 0.5 * i / 10'000;
    CHECK(std::abs(dsp::sine_of_turns(x) - std::sin(2.0 * std::numbers::pi * x)) < 1e-15);
    CHECK(std::abs(dsp::cosine_of_turns(x) - std::cos(2.0 * std::numbers::pi * x)) < 1e-15);
  }
}

TEST_CASE("music units") {
  CHECK(dsp::midi_to_hz(69.0f) == 440.0f);
  CHECK(worst_error(0, 127, dsp::midi_to_hz, [](double x) { return 440.0 * std::exp2((x - 69.0) / 12.0); }).relative <
        1e-6);
  CHECK(dsp::semitones_to_ratio(12.0f) == doctest::Approx(2.0));
  CHECK(worst_error(-96, 96, dsp::semitones_to_ratio, [](double x) { return std::exp2(x / 12.0); }).relative < 1e-6);
  CHECK(dsp::db_to_gain(0.0f) == 1.0f);
  CHECK(worst_error(-144, 144, dsp::db_to_gain, [](double x) { return std::pow(10.0, x / 20.0); }).relative < 2e-6);
  CHECK(dsp::gain_to_db(1.0f) == 0.0f);
  CHECK(dsp::gain_to_db(0.0f) == doctest::Approx(-758.6).epsilon(1e-4));
  for (double db = -144; db <= 144; db += 0.01) {
    const auto gain = static_cast<float>(std::pow(10.0, db / 20.0));
    CHECK(std::abs(static_cast<double>(dsp::gain_to_db(gain)) - 20.0 * std::log10(static_cast<double>(gain))) < 4e-5);
  }
}
