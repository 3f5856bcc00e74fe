// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000;

// `columns` pairs, each the least and the greatest of its part of the samples from `first` on.
Samples drawn(const Samples &samples, int first, int length, int columns) {
  Samples out;
  for (int c = 0; c < columns; ++c) {
    auto from = samples.begin() + first, to = from;
    for (int i = 0; i < length; ++i)
      if (static_cast<long long>(i) * columns / length == c) to = samples.begin() + first + i + 1;
    for (int i = length - 1; i >= 0; --i)
      if (static_cast<long long>(i) * columns / length == c) from = samples.begin() + first + i;
    out.push_back(*std::min_element(from, to));
    out.push_back(*std::max_element(from, to));
  }
  return out;
}

void run(Instance &scope, const Samples &left, const Samples &right) {
  scope.feed("audio_in", {left, right});
  CHECK(scope.run(static_cast<int>(left.size()), {100}) == std::vector<Samples>{left, right});
}

}  // namespace

TEST_CASE("scope: shows the least and the greatest sample of each column of the last whole sweep") {
  const Library library("scope");
  CHECK(library.id == "builtin.scope");
  Instance scope(library);
  scope.set("trigger", 0);
  scope.set("time_span", 0.02);  // 960 frames
  Samples in = noise(3000, 1);
  run(scope, in, Samples(3000, 0.0f));
  CHECK(scope.monitor_values("scope") == drawn(in, 2 * 960, 960, 256));
}

TEST_CASE("scope: shows every frame of a short sweep, and the side that is chosen") {
  const Library library("scope");
  const Samples left = noise(1000, 1), right = noise(1000, 2);
  for (const int side : {0, 1, 2}) {
    Instance scope(library);
    scope.set("trigger", 0);
    scope.set("time_span", 0.002);  // 96 frames
    scope.set("channel", side);
    run(scope, left, right);
    Samples expected;
    for (std::size_t i = 9 * 96; i < 10 * 96; ++i) {
      const float sample = side == 0 ? left[i] : side == 1 ? right[i] : 0.5f * (left[i] + right[i]);
      expected.insert(expected.end(), {sample, sample});
    }
    CHECK(scope.monitor_values("scope") == expected);
  }
}

TEST_CASE("scope: with the trigger a steady tone stands still, from its rising zero crossing on") {
  const Library library("scope");
  Instance scope(library);
  scope.set("time_span", 0.01);
  Samples in(rate);
  for (std::size_t i = 0; i < in.size(); ++i)  // 128 frames a period, zero between two of them
    in[i] = static_cast<float>(std::sin(2 * std::numbers::pi * (static_cast<double>(i % 128) + 0.5) / 128));
  for (int second = 0; second < 3; ++second) {
    // Another number of frames each time, so that a sweep without trigger would begin elsewhere.
    run(scope, Samples(in.begin(), in.begin() + 128 * (50 + 7 * second)),
        Samples(static_cast<std::size_t>(128 * (50 + 7 * second)), 0.0f));
    const Samples shown = scope.monitor_values("scope");
    REQUIRE(shown.size() == 512);
    CHECK(shown == drawn(in, 128, 480, 256));
  }
}

TEST_CASE("scope: a wave that never crosses zero is shown all the same") {
  const Library library("scope");
  Instance scope(library);
  scope.set("time_span", 0.005);
  run(scope, Samples(1000, 0.25f), Samples(1000, 0.0f));
  CHECK(scope.monitor_values("scope") == Samples(480, 0.25f));
}

TEST_CASE("scope: rests on a flat line in silence, and wakes with the sound") {
  const Library library("scope");
  Instance scope(library);
  scope.set("trigger", 0);
  scope.set("time_span", 0.002);
  const Samples in = noise(500, 1);
  run(scope, in, in);
  CHECK_FALSE(scope.asleep());
  scope.run(1000);
  CHECK(scope.asleep());
  CHECK(scope.monitor_values("scope") == Samples(192, 0.0f));
  // A sweep begins with the first sample that sounds, wherever the sleep ended.
  Samples late(301, 0.0f);
  late.insert(late.end(), in.begin(), in.begin() + 96);
  run(scope, late, Samples(late.size(), 0.0f));
  CHECK(scope.monitor_values("scope") == drawn(in, 0, 96, 96));
}
