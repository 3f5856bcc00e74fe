// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"
#include "response.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000;

Instance voices_only(const Library &library, const std::vector<std::pair<std::string, double>> &params,
                     double sample_rate = rate) {
  Instance chorus(library, {}, sample_rate);
  chorus.set("mix", 1);
  for (const auto &[param, value] : params) chorus.set(param, value);
  return chorus;
}

}  // namespace

TEST_CASE("chorus: mix 0 is the input, bit for bit") {
  const Library library("chorus");
  CHECK(library.id == "builtin.chorus");
  const std::vector<Samples> in{noise(9600, 1), noise(9600, 2)};
  for (const bool shared : {false, true}) {
    Instance chorus(library);
    chorus.share_buffers = shared;
    chorus.set("mix", 0);
    chorus.feed("audio_in", in);
    CHECK(chorus.run(9600) == in);
  }
}

TEST_CASE("chorus: without depth a voice is a delay, to the frame") {
  const Library library("chorus");
  for (const double sample_rate : {8000.0, 48000.0, 384000.0}) {
    CAPTURE(sample_rate);
    Instance chorus = voices_only(library, {{"voices", 1}, {"depth_ms", 0}, {"delay_ms", 10}}, sample_rate);
    const auto out = impulse_response(chorus, static_cast<int>(sample_rate / 20));
    Samples expected(out[0].size(), 0.0f);
    expected[static_cast<std::size_t>(sample_rate / 100)] = 1.0f;
    CHECK(out[0] == expected);
    CHECK(out[1] == expected);
  }
}

TEST_CASE("chorus: the feedback repeats it") {
  const Library library("chorus");
  Instance chorus = voices_only(library, {{"voices", 1}, {"depth_ms", 0}, {"delay_ms", 10}, {"feedback", -0.5}});
  const auto out = impulse_response(chorus, rate / 10)[0];
  for (const auto &[turn, gain] : {std::pair{1, 1.0f}, {2, -0.5f}, {3, 0.25f}, {4, -0.125f}})
    CHECK(out[static_cast<std::size_t>(480 * turn)] == gain);
  CHECK(rms(out) * rms(out) * rate / 10 == near(1 / (1 - 0.25), 1e-3));
}

// A ramp shows where the tap is: n - out(n) is the delay, and a cubic interpolates a straight line exactly.
TEST_CASE("chorus: the delay moves along a sine from delay_ms to delay_ms + depth_ms") {
  const Library library("chorus");
  constexpr double hertz = 2.0, delay = 384, depth = 240;  // 8 ms and 5 ms
  Instance chorus =
      voices_only(library, {{"voices", 1}, {"rate", hertz}, {"delay_ms", 8}, {"depth_ms", 5}, {"spread", 1}});
  Samples ramp(rate);
  for (std::size_t i = 0; i < rate; ++i) ramp[i] = static_cast<float>(i + 1) / rate;
  chorus.feed("audio_in", {ramp, ramp});
  const auto out = chorus.run(rate);
  for (std::size_t i = 1000; i < rate; ++i) {
    for (std::size_t side = 0; side < 2; ++side) {
      const double turns = hertz * static_cast<double>(i) / rate + (side == 1 ? 0.25 : 0.0);
      const double expected = delay + depth * (0.5 + 0.5 * std::sin(2 * std::acos(-1.0) * turns));
      REQUIRE(std::abs(static_cast<double>(ramp[i] - out[side][i]) * rate - expected) < 0.02);
    }
  }
}

TEST_CASE("chorus: more voices are not louder") {
  const Library library("chorus");
  const Samples in = noise(4 * rate, 3, 0.2f);
  for (const int voices : {1, 2, 3, 4}) {
    CAPTURE(voices);
    Instance chorus = voices_only(library, {{"voices", voices}, {"depth_ms", 10}, {"rate", 3}});
    chorus.feed("audio_in", {in, in});
    CHECK(std::abs(db(rms(chorus.run(4 * rate)[0], rate) / rms(in))) < 1.0);
  }
}

TEST_CASE("chorus: a voice that comes fades in") {
  const Library library("chorus");
  Instance chorus = voices_only(library, {{"depth_ms", 0}});
  Samples voices(rate, 1.0f);
  std::fill(voices.begin() + rate / 2, voices.end(), 2.0f);
  chorus.curve("voices", voices);
  chorus.feed("audio_in", {Samples(rate, 1.0f), Samples(rate, 1.0f)});
  const auto out = chorus.run(rate)[0];
  CHECK(out[rate / 2 - 1] == doctest::Approx(1.0));
  CHECK(out[rate - 1] == doctest::Approx(std::sqrt(2.0)));
  for (std::size_t i = 1000; i < rate; ++i) REQUIRE(std::abs(out[i] - out[i - 1]) < 0.003f);
}

TEST_CASE("chorus: begins anew after silence") {
  const Library library("chorus");
  Instance chorus(library);
  chorus.set("feedback", 0.5);
  const std::vector<Samples> in{noise(rate / 2, 5), noise(rate / 2, 6)};
  chorus.feed("audio_in", in);
  const auto first = chorus.run(rate / 2);
  chorus.run(10 * rate);
  CHECK(chorus.asleep());
  chorus.feed("audio_in", in);
  CHECK(chorus.run(rate / 2) == first);
}
