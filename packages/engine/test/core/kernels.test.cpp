// SPDX-License-Identifier: MIT
#include "graph/kernels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace arranger;

namespace {

using Samples = std::vector<float>;
constexpr float infinite = std::numeric_limits<float>::infinity();

std::mt19937 random_numbers(11);

// With zeros of both signs, denormals and very large values among it.
Samples noise(std::int32_t frames) {
  Samples out;
  for (std::int32_t i = 0; i < frames; ++i) {
    const float x = std::uniform_real_distribution<float>(-1, 1)(random_numbers);
    const float scales[] = {1, 1, 1, 0, -0.0f, 1e-40f, 1e25f};
    out.push_back(x * scales[random_numbers() % std::size(scales)]);
  }
  return out;
}

bool same_bits(const Samples &a, const Samples &b) {
  return std::ranges::equal(
      a, b, [](float x, float y) { return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y); });
}

// `f` for each level, and each number of frames around the widths of vectors; buffers begin `shift` samples off.
template <class F>
void at_every_level(F f) {
  for (const KernelLevel &level : kernel_levels())
    for (const std::int32_t frames : {0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 64, 100, 127, 128}) {
      CAPTURE(std::string(level.name));
      CAPTURE(frames);
      f(*level.kernels, frames);
    }
}

}  // namespace

TEST_CASE("kernels: the base is there, and what the engine uses is the best that is") {
  const auto levels = kernel_levels();
  REQUIRE(!levels.empty());
  CHECK(std::string(levels.back().name) == "base");
  CHECK((levels.front().kernels->sum == kernels.sum));
}

TEST_CASE("kernels: many gains at once are one after the other, kept finite, into other memory, in place and swapped") {
  constexpr float most = std::numeric_limits<float>::max();
  const float some[] = {1.25f, 0.8f, 0.0f, 3e38f, 1e-30f, 0.3f, 1.0f};
  at_every_level([&](const Kernels &level, std::int32_t frames) {
    for (const std::int32_t count : {1, 2, 5, 64}) {
      std::vector<float> gains;
      for (std::int32_t g = 0; g < count; ++g)
        gains.push_back(random_numbers() % 8 == 0 ? some[random_numbers() % std::size(some)] : some[g % 2]);
      const Samples left = noise(frames), right = noise(frames);
      Samples expected[] = {left, right};
      for (Samples &channel : expected)
        for (float &x : channel)
          for (const float gain : gains) x = std::clamp(x * gain, -most, most);
      for (const auto &[to_left, to_right] : {std::pair{2, 3}, {0, 1}, {1, 0}}) {
        Samples buffers[] = {left, right, Samples(left.size()), Samples(left.size())};
        const float *const from[] = {buffers[0].data(), buffers[1].data()};
        float *const to[] = {buffers[to_left].data(), buffers[to_right].data()};
        level.scale(from, to, 2, gains.data(), count, frames);
        CHECK(same_bits(buffers[to_left], expected[0]));
        CHECK(same_bits(buffers[to_right], expected[1]));
      }
      Samples mono(left.size());
      const float *const from[] = {left.data()};
      float *const to[] = {mono.data()};
      level.scale(from, to, 1, gains.data(), count, frames);
      CHECK(same_bits(mono, expected[0]));
    }
    const Samples samples = noise(frames), gains = noise(frames);
    Samples expected, out = samples;
    for (std::size_t i = 0; i < samples.size(); ++i) expected.push_back(std::clamp(samples[i] * gains[i], -most, most));
    level.multiply(out.data(), gains.data(), out.data(), frames);
    CHECK(same_bits(out, expected));
  });
}

TEST_CASE("kernels: a sum is that of a plain loop, bit for bit, into other memory and in place") {
  at_every_level([](const Kernels &level, std::int32_t frames) {
    for (std::int32_t count = 1; count <= Kernels::most_sources; ++count) {
      for (const bool added : {false, true}) {
        std::vector<Samples> sources;
        std::vector<MixSource> terms;
        for (std::int32_t n = 0; n < count; ++n) sources.push_back(noise(frames + 1));
        for (const Samples &source : sources) terms.push_back({source.data() + 1, noise(1)[0]});
        const Samples before = noise(frames);
        Samples wanted = before, out = before;
        for (std::int32_t i = 0; i < frames; ++i) {
          float sum = added ? before[static_cast<std::size_t>(i)] : 0.0f;
          for (const MixSource &term : terms) sum += term.gain * term.samples[i];
          wanted[static_cast<std::size_t>(i)] = sum;
        }
        level.sum(out.data(), terms.data(), count, added, frames);
        CHECK(same_bits(out, wanted));
        if (added) continue;
        level.sum(sources.back().data() + 1, terms.data(), count, added, frames);
        CHECK(same_bits({sources.back().begin() + 1, sources.back().end()}, wanted));
      }
    }
  });
}

TEST_CASE("kernels: one sample that is no number is found wherever it is") {
  at_every_level([](const Kernels &level, std::int32_t frames) {
    Samples samples = noise(frames);
    CHECK(level.finite(samples.data(), frames));
    for (float &sample : samples) {
      const float before = sample;
      for (const float bad : {infinite, -infinite, std::nanf("")}) {
        sample = bad;
        CHECK(!level.finite(samples.data(), frames));
      }
      sample = before;
    }
  });
}

TEST_CASE("kernels: loudness is the same bits at each level, and that of the samples") {
  at_every_level([](const Kernels &level, std::int32_t frames) {
    Samples samples(static_cast<std::size_t>(frames));
    for (float &sample : samples) sample = std::uniform_real_distribution<float>(-2, 2)(random_numbers);
    double squares = 0;
    float peak = 0;
    for (const float sample : samples) {
      squares += double{sample} * double{sample};
      peak = std::max(peak, std::fabs(sample));
    }
    const Loudness loudness = level.measure(samples.data(), frames);
    CHECK(loudness.peak == peak);
    CHECK(std::fabs(loudness.squares - squares) <= 1e-6 * squares);
    CHECK(loudness.squares == kernel_levels().back().kernels->measure(samples.data(), frames).squares);
  });
}

TEST_CASE("kernels: modulation and its limits are those of plain loops, bit for bit") {
  at_every_level([](const Kernels &level, std::int32_t frames) {
    for (const bool replaces : {false, true}) {
      const Modulation modulation{0.3, -1.7, 0.9, replaces};
      const Samples source = noise(frames), before = noise(frames);
      Samples wanted, out = before;
      for (std::size_t i = 0; i < source.size(); ++i) {
        const double value = modulation.offset + modulation.scale * double{source[i]};
        const auto moved = static_cast<float>(replaces ? value : double{before[i]} + modulation.amount * value);
        wanted.push_back(std::clamp(moved, -0.5f, 2.0f));
      }
      level.modulate(out.data(), source.data(), modulation, frames);
      level.clamp(out.data(), -0.5f, 2.0f, frames);
      CHECK(same_bits(out, wanted));
    }
  });
}

TEST_CASE("kernels: a line is that of a plain loop, bit for bit, far from where it began as well") {
  at_every_level([](const Kernels &level, std::int32_t frames) {
    for (const double passed : {1.0, 12'345'678'901.0}) {
      const auto count = static_cast<std::size_t>(frames);
      Samples out(count), wanted(count);
      for (std::int32_t i = 0; i < frames; ++i)
        wanted[static_cast<std::size_t>(i)] = static_cast<float>(0.3 + -1e-7 * (passed + i));
      level.line(out.data(), 0.3, -1e-7, passed, frames);
      CHECK(same_bits(out, wanted));
    }
  });
}
