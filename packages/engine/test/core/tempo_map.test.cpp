// SPDX-License-Identifier: MIT
// Beats to frames and back.
#include "transport/tempo_map.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace arranger;

TEST_CASE("a steady tempo places beats on the nearest frame") {
  const TempoMap map(44100, 120);
  CHECK(map.frames(1) == 22050);
  CHECK(map.frame(0) == 0);
  CHECK(map.frame(0.5) == 11025);
  CHECK(map.frame(-3) == 0);      // set-up
  const TempoMap odd(44100, 90);  // 29400 frames per beat
  CHECK(odd.frame(1.0 / 29400 * 0.49) == 0);
  CHECK(odd.frame(1.0 / 29400 * 0.51) == 1);
  CHECK(odd.bpm(17) == 90);
}

TEST_CASE("a tempo holds from its beat to the next") {
  const TempoMap map(48000, 120, {{4, 60}, {6, 240}});
  CHECK(map.frame(4) == 4 * 24000);
  CHECK(map.frame(5) == 4 * 24000 + 48000);
  CHECK(map.frame(6) == 4 * 24000 + 2 * 48000);
  CHECK(map.frame(7) == 4 * 24000 + 2 * 48000 + 12000);
  CHECK(map.bpm(3.999) == 120);
  CHECK(map.bpm(4) == 60);
  CHECK(map.bpm(1e6) == 240);
  CHECK(map.beat(map.frame(5)) == 5);
}

TEST_CASE("changes may come in any order; the last of one beat rules; before beat 0 is beat 0") {
  const TempoMap map(48000, 120, {{6, 240}, {4, 30}, {-2, 90}, {4, 60}, {0, 60}});
  CHECK(map.bpm(0) == 60);
  CHECK(map.bpm(4) == 60);
  CHECK(map.frame(6) == 6 * 48000);
  CHECK(map.frame(7) == 6 * 48000 + 12000);
}

TEST_CASE("frames grow with beats, and every frame is that of its beat") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> beats(0, 3000), tempos(1, 999), fraction(0, 1);
  for (int round = 0; round < 200; ++round) {
    std::vector<TempoChange> changes;
    for (int i = round % 20; i > 0; --i)
      changes.push_back({round % 3 == 0 ? std::floor(beats(random)) : beats(random), tempos(random)});
    const double rates[] = {8000, 44100, 48000, 384000};
    const TempoMap map(rates[round % 4], tempos(random), changes);
    const std::int64_t last = map.frame(3100);
    for (int i = 0; i < 200; ++i) {
      const auto frame = static_cast<std::int64_t>(fraction(random) * static_cast<double>(last));
      CHECK(map.frame(map.beat(frame)) == frame);
      const double a = beats(random), b = beats(random);
      CHECK((a < b) == (map.frames(a) < map.frames(b)));
      CHECK(map.beat(map.frame(a)) == doctest::Approx(a).epsilon(1e-3));
      CHECK(map.frame(a) == static_cast<std::int64_t>(std::floor(map.frames(a) + 0.5)));
    }
    for (const TempoChange &change : changes) {  // no jump at a change
      const double there = map.frames(change.beat), before = map.frames(std::nextafter(change.beat, 0));
      CHECK(std::abs(there - before) < 1e-4);
    }
  }
}

TEST_CASE("a ramp is linear in beats: its frames are the integral of 60 / tempo") {
  const TempoMap map(48000, 120, {{4, 60, 8}, {20, 240, 4}});
  CHECK(map.bpm(4) == 120);
  CHECK(map.bpm(8) == doctest::Approx(90));
  CHECK(map.bpm(12) == 60);
  CHECK(map.bpm(19) == 60);
  CHECK(map.bpm(22) == doctest::Approx(150));
  CHECK(map.bpm(100) == 240);
  // Simpson's rule over the ramp, in steps fine enough to be exact to a hundredth of a frame.
  const auto integral = [&](double from, double to) {
    constexpr int steps = 4000;
    const double width = (to - from) / steps;
    double sum = 0;
    for (int i = 0; i < steps; ++i) {
      const double a = from + i * width;
      sum += width / 6 * (1 / map.bpm(a) + 4 / map.bpm(a + width / 2) + 1 / map.bpm(a + width));
    }
    return sum * 60 * 48000;
  };
  for (const double beat : {4.5, 7.0, 11.999, 20.25, 23.0})
    CHECK(map.frames(beat) - map.frames(beat < 20 ? 4 : 20) ==
          doctest::Approx(integral(beat < 20 ? 4 : 20, beat)).epsilon(1e-9));
}

TEST_CASE("a ramp may begin with a step on its beat, and ends what stood there") {
  const TempoMap map(1000, 120, {{2, 60}, {2, 120, 4}});
  CHECK(map.frames(2) == 1000);
  CHECK(map.bpm(2) == 60);
  CHECK(map.bpm(4) == 90);
  // 60 to 120 over 4 beats: the integral of 60 / (60 + 15 x) is 4 ln 2.
  CHECK(map.frames(6) == doctest::Approx(1000 + 4000 * std::log(2.0)).epsilon(1e-12));
  const TempoMap stepped(1000, 120, {{2, 60, 4}, {2, 240}});
  CHECK(stepped.bpm(2) == 240);
  CHECK(stepped.frames(6) == 2000);
}

TEST_CASE("a change inside a ramp ends it where it is; a ramp may begin at beat 0") {
  const TempoMap map(48000, 100, {{0, 200, 10}, {5, 60, 0}, {6, 120, 2}});
  CHECK(map.bpm(0) == 100);
  CHECK(map.bpm(4.999999) == doctest::Approx(150));
  CHECK(map.bpm(5) == 60);
  CHECK(map.bpm(7) == doctest::Approx(90));
  CHECK(map.bpm(9) == 120);
}

TEST_CASE("frames and beats are inverse along steps and ramps") {
  std::mt19937 random(11);
  const auto uniform = [&](double from, double to) { return std::uniform_real_distribution(from, to)(random); };
  for (int round = 0; round < 50; ++round) {
    std::vector<TempoChange> changes;
    double beat = uniform(0, 2);
    for (int i = 0; i < 12; ++i) {
      changes.push_back({beat, uniform(20, 400), round % 2 ? uniform(0, 6) : 0});
      beat += uniform(0.1, 5);
    }
    const TempoMap map(44100, 120, changes);
    double last = -1;
    for (int i = 0; i < 200; ++i) {
      const double at = beat * 1.2 * i / 200;
      const std::int64_t frame = map.frame(at);
      CHECK(map.frames(at) > last);
      last = map.frames(at);
      CHECK(map.frame(map.beat(frame)) == frame);  // what a playhead that keeps its beat relies on
    }
  }
}
