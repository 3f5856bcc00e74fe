// SPDX-License-Identifier: MIT
// What all effects keep: they end and sleep, wake as new, and stay finite whatever comes.
#include "harness.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000;
const std::vector<std::string> effects = {"gain",   "utility",    "filter",  "delay",
                                          "chorus", "compressor", "limiter", "eq"};

void randomise(Instance &effect, std::uint32_t seed) {
  for (const arr_port *port : effect.ports()) {
    if (port->type != ARR_PORT_TYPE_CONTROL || port->role != ARR_PORT_ROLE_INPUT) continue;
    const double way = 0.5 + 0.5 * static_cast<double>(noise(1, ++seed)[0]);
    const double value = port->min + (port->max - port->min) * way;
    effect.set(port->id, port->step == 1 ? std::round(value) : value);
  }
}

}  // namespace

TEST_CASE("effects: finite in, finite out, however hostile") {
  constexpr float huge = std::numeric_limits<float>::max(), denormal = std::numeric_limits<float>::denorm_min();
  for (const std::string &name : effects) {
    const Library library(name);
    CHECK(library.preserves_finite);
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
      CAPTURE(name);
      CAPTURE(seed);
      Instance effect(library);
      randomise(effect, 100 * seed);
      const float level = seed % 4 == 0 ? denormal * 100 : seed % 4 == 1 ? huge : 1e20f;
      Samples left = noise(rate / 4, seed), right = noise(rate / 4, seed + 50);
      for (float &x : left) x = seed % 2 == 0 ? x * level : (x > 0 ? level : -level);
      for (float &x : right) x = seed % 3 == 0 ? -level : x * level;
      effect.feed("audio_in", {left, right});
      for (const Samples &out : effect.run(rate / 4)) CHECK(all_finite(out));
      // And it recovers.
      for (const Samples &out : effect.run(rate / 4)) CHECK(all_finite(out));
    }
  }
}

TEST_CASE("effects: end, sleep and wake as new") {
  for (const std::string &name : effects) {
    CAPTURE(name);
    const Library library(name);
    Instance effect(library);
    const Samples in = noise(rate / 2, 3, 0.8f);
    effect.run(128);
    CHECK(effect.asleep());
    effect.feed("audio_in", {in, in});
    const auto first = effect.run(rate / 2);
    CHECK(!effect.asleep());
    effect.run(120 * rate, {1024});
    CHECK(effect.asleep());
    effect.feed("audio_in", {in, in});
    CHECK(effect.run(rate / 2) == first);
  }
}

TEST_CASE("effects: the tail is not longer than declared") {
  for (const std::string &name : effects) {
    CAPTURE(name);
    const Library library(name);
    Instance effect(library, {}, 8000);
    Samples in(80000, 0.0f);
    std::copy_n(noise(8000, 3).begin(), 8000, in.begin());
    effect.feed("audio_in", {in, in});
    const auto end = static_cast<std::size_t>(std::min<std::int64_t>(80000, 8000 + effect.tail_frames()));
    for (const Samples &out : effect.run(80000))
      for (std::size_t i = end; i < 80000; ++i) REQUIRE(std::abs(out[i]) < 1e-6f);
  }
}
