// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int second = 48000;
constexpr double floor_db = -120;

std::vector<Samples> run(Instance &level, const Samples &left, const Samples &right) {
  level.feed("audio_in", {left, right});
  return level.run(static_cast<int>(left.size()));
}

bool within(float value, double expected, double tolerance) {
  CAPTURE(value);
  return std::abs(static_cast<double>(value) - expected) < tolerance;
}

}  // namespace

TEST_CASE("level: passes every bit") {
  const Library library("level");
  CHECK(library.id == "builtin.level");
  CHECK(library.in_place);
  for (const bool share : {false, true}) {
    Instance level(library);
    level.share_buffers = share;
    const Samples left = noise(10000, 1), right = noise(10000, 2);
    CHECK(run(level, left, right) == std::vector<Samples>{left, right});
  }
}

TEST_CASE("level: a sine reads its peak, and 3 dB less as RMS, each side its own") {
  const Library library("level");
  Instance level(library);
  run(level, tone(second, 1000, second, 0.5f), tone(second, 1000, second, 0.125f));
  CHECK(within(level.monitor("peak_l"), -6.0206, 0.01));
  CHECK(within(level.monitor("rms_l"), -9.0309, 0.01));
  CHECK(within(level.monitor("peak_r"), -18.0618, 0.01));
  CHECK(within(level.monitor("rms_r"), -21.0721, 0.01));
}

TEST_CASE("level: a peak of one sample is seen, held for its time, and falls by 20 dB in 1.7 s") {
  const Library library("level");
  Instance level(library);
  level.set("hold", 0.5);
  Samples click(100, 0.0f);
  click[50] = -0.5f;
  run(level, click, Samples(100, 0.0f));
  CHECK(within(level.monitor("peak_l"), -6.0206, 1e-3));
  CHECK(level.monitor("peak_r") == floor_db);
  level.run(second / 2 - 50);
  CHECK(within(level.monitor("peak_l"), -6.0206, 1e-3));
  level.run(17 * second / 10);
  CHECK(within(level.monitor("peak_l"), -26.0206, 0.02));
  level.run(17 * second / 10);
  CHECK(within(level.monitor("peak_l"), -46.0206, 0.03));
}

TEST_CASE("level: RMS is over the last 300 ms, to 10 ms") {
  const Library library("level");
  Instance level(library);
  run(level, Samples(3 * second / 10, 0.5f), Samples(3 * second / 10, 0.0f));
  CHECK(within(level.monitor("rms_l"), -6.0206, 1e-3));
  CHECK(level.monitor("rms_r") == floor_db);
  level.run(15 * second / 100);  // half of the window is silent
  CHECK(within(level.monitor("rms_l"), -6.0206 - 3.0103, 1e-3));
  level.run(14 * second / 100);
  CHECK(within(level.monitor("rms_l"), -6.0206 - 14.7712, 1e-3));  // one of thirty steps
  level.run(second / 100);
  CHECK(level.monitor("rms_l") == floor_db);
}

TEST_CASE("level: sleeps when nothing sounds and nothing is shown any more, and wakes") {
  const Library library("level");
  Instance level(library);
  level.set("hold", 0);
  run(level, Samples(100, 0.001f), Samples(100, 0.0f));
  level.run(second);
  CHECK_FALSE(level.asleep());  // -60 dB take 5.1 s to the floor
  level.run(5 * second);
  CHECK(level.asleep());
  CHECK(level.monitor("peak_l") == floor_db);
  run(level, Samples(second, 0.5f), Samples(second, 0.0f));
  CHECK(within(level.monitor("rms_l"), -6.0206, 1e-3));
}
