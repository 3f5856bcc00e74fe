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
