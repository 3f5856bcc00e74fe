// SPDX-License-Identifier: MIT
// What the voices of builtin.synth are made of, against the plain formulas.
#include "../src/synth/saw.hpp"

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace synth;

namespace {

Phases phases_of(std::mt19937 &random, std::uint32_t fastest) {
  Phases out;
  for (int lane = 0; lane < lane_count; ++lane) {
    out.phase.set(lane, static_cast<std::uint32_t>(random()));
    out.jump(lane, 1 + static_cast<std::uint32_t>(random()) % fastest);
  }
  return out;
}

}  // namespace

TEST_CASE("synth: a saw made at its edges has the bits of the formula, whatever its pitch and wherever it is cut") {
  std::mt19937 random(7);
  for (const std::uint32_t fastest : {1u << 12, 1u << 20, 1u << 24, 1u << 27, 1u << 28, 1u << 30}) {
    CAPTURE(fastest);
    for (int round = 0; round < 60; ++round) {
      Phases saw = phases_of(random, fastest);
      for (const Frame size : {128, 1, 2, 5, 64, 31}) {
        std::vector<Lanes> out(static_cast<std::size_t>(size));
        make_saw(saw, 1.0f, out.data(), size);
        for (const Lanes &made : out) {
          const Lanes expected = sample<Wave::saw>(saw.phase, saw.scale);
          for (int lane = 0; lane < lane_count; ++lane) REQUIRE(made[lane] == expected[lane]);
          saw.phase += saw.increment;
        }
      }
    }
  }
}

TEST_CASE("synth: the low-pass by pairs is the one by frames, in double precision, while its cutoff moves") {
  for (const double slope : {0.0, 0.01}) {
    CAPTURE(slope);
    LowPass filter;
    double s1 = 0, s2 = 0;
    std::mt19937 random(3);
    for (int lane = 0; lane < lane_count; ++lane) {
      filter.g.jump(lane, 0.13f);
      filter.k.jump(lane, 0.5f);
    }
    filter.g.slope = static_cast<float>(slope);
    for (Frame i = 0; i < 1000; ++i) {
      const Frame at = i % cell_frames;
      const auto in = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
      const LowPass::Gains now = filter.gains(at);
      Lanes out;
      if (i % 2 == 0) out = LowPass::first(filter.state, in, filter.state.first = now);
      else out = LowPass::second(filter.state, in, LowPass::pair(filter.state.first, now));

      // Simper's equations.
      const double g = 0.13 + slope * at, k = 0.5, a1 = 1 / (1 + g * (g + k));
      const double v3 = static_cast<double>(in) - s2, band = a1 * s1 + g * a1 * v3;
      const double low = s2 + g * band;
      s1 = 2 * band - s1;
      s2 = 2 * low - s2;
      REQUIRE(std::abs(static_cast<double>(out[5]) - 2 * low) < 2e-5);
    }
  }
}
