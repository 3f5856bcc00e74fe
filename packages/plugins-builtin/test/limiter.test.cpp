// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"
#include "response.hpp"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000, lookahead = 240;

Samples through(Instance &limiter, const Samples &left, const Samples &right) {
  limiter.feed("audio_in", {left, right});
  return limiter.run(static_cast<int>(left.size()))[0];
}

Samples impulses(int frames, int every, float level) {
  Samples out(static_cast<std::size_t>(frames), 0.0f);
  for (int i = 0; i < frames; i += every) out[static_cast<std::size_t>(i)] = i / every % 2 == 0 ? level : -level;
  return out;
}

Samples square(int frames, int half_period, float level) {
  Samples out(static_cast<std::size_t>(frames));
  for (int i = 0; i < frames; ++i) out[static_cast<std::size_t>(i)] = i / half_period % 2 == 0 ? level : -level;
  return out;
}

}  // namespace

TEST_CASE("limiter: no sample of anything exceeds the ceiling") {
  const Library library("limiter");
  CHECK(library.id == "builtin.limiter");
  const std::vector<Samples> inputs{
      noise(rate, 1, 4.0f),          noise(rate, 2, 1e6f),    impulses(rate, 37, 20.0f), impulses(rate, 241, 3.0f),
      impulses(rate, 5000, 2.0f),    square(rate, 3, 1.5f),   square(rate, 400, 1e7f),   tone(rate, 30, rate, 8.0f),
      tone(rate, 11025, rate, 1.1f), Samples(rate, 1.000001f)};
  for (const double lookahead_ms : {0.1, 1.0, 5.0, 50.0}) {
    for (const double release : {1.0, 80.0, 2000.0}) {
      for (const double ceiling : {0.0, -0.3, -12.0}) {
        for (std::size_t n = 0; n < inputs.size(); ++n) {
          CAPTURE(lookahead_ms);
          CAPTURE(release);
          CAPTURE(ceiling);
          CAPTURE(n);
          Instance limiter(library, {{"lookahead_ms", lookahead_ms}});
          limiter.set("release_ms", release);
          limiter.set("ceiling_db", ceiling);
          limiter.set("gain_db", n % 3 == 0 ? 12 : 0);
          limiter.feed("audio_in", {inputs[n], inputs[(n + 1) % inputs.size()]});
          const auto out = limiter.run(rate, {512});
          const double limit = std::pow(10, ceiling / 20) * (1 + 1e-6);
          REQUIRE(peak(out[0]) <= limit);
          REQUIRE(peak(out[1]) <= limit);
          REQUIRE(std::max(peak(out[0]), peak(out[1])) > 0.5 * limit);
        }
      }
    }
  }
}

TEST_CASE("limiter: at 0 dB full scale is full scale, exactly") {
  const Library library("limiter");
  Instance limiter(library);
  limiter.set("ceiling_db", 0);
  limiter.set("gain_db", 20);
  const Samples in = noise(rate, 1);
  const double loudest = peak(through(limiter, in, in));
  CHECK(loudest <= 1.0);
  CHECK(loudest > 0.99);
}

TEST_CASE("limiter: below the ceiling it is a delay, bit for bit, by the latency it declares") {
  const Library library("limiter");
  for (const double lookahead_ms : {0.1, 5.0, 17.3}) {
    CAPTURE(lookahead_ms);
    Instance limiter(library, {{"lookahead_ms", lookahead_ms}});
    const auto latency = static_cast<std::size_t>(std::lround(lookahead_ms * 48));
    CHECK(limiter.latency_frames() == static_cast<int>(latency));
    const Samples left = noise(rate, 1, 0.96f), right = noise(rate, 2, 0.96f);
    limiter.share_buffers = true;
    limiter.feed("audio_in", {left, right});
    const auto out = limiter.run(rate);
    Samples expected(latency, 0.0f);
    expected.insert(expected.end(), left.begin(), left.end() - static_cast<std::ptrdiff_t>(latency));
    CHECK(out[0] == expected);
    CHECK(limiter.monitor("gain_reduction_db") == 0);
  }
}

TEST_CASE("limiter: both sides get one gain, which is back at exactly 1 after the release") {
  const Library library("limiter");
  Instance limiter(library);
  limiter.set("ceiling_db", 0);
  limiter.set("release_ms", 50);
  Samples left(2 * rate, 0.25f), right(2 * rate, 0.5f);
  left[10000] = 4.0f;
  limiter.feed("audio_in", {left, right});
  const auto out = limiter.run(2 * rate);
  CHECK(out[0][10000 + lookahead] == near(1.0, 1e-6));
  for (std::size_t i = lookahead; i < 2 * rate; ++i)
    if (i != 10000 + lookahead) REQUIRE(std::abs(out[1][i] - 2.0f * out[0][i]) < 1e-6f);
  // The gain goes down in a straight line through the look-ahead, stays, and returns with the release's constant.
  const auto gain = [&](int frame) { return static_cast<double>(out[1][static_cast<std::size_t>(frame)]) / 0.5; };
  CHECK(gain(9999) == 1);
  CHECK(gain(10000 + lookahead / 2) == near(1 - 0.75 * 121.0 / 241.0, 1e-4));
  CHECK(gain(10000 + lookahead) == near(0.25, 1e-6));
  const int released = 10000 + 2 * lookahead;
  const double begin = gain(released + 240);
  CHECK((1 - gain(released + 240 + 2400)) / (1 - begin) == near(std::exp(-1), 1e-2));
  CHECK(gain(2 * rate - 1) == 1);
}

TEST_CASE("limiter: the monitor shows the greatest reduction") {
  const Library library("limiter");
  Instance limiter(library);
  limiter.set("ceiling_db", -6);
  through(limiter, Samples(rate, 1.0f), Samples(rate, 0.0f));
  CHECK(limiter.monitor("gain_reduction_db") == near(6, 1e-4));
}

TEST_CASE("limiter: a moving ceiling holds for what enters under it") {
  const Library library("limiter");
  Instance limiter(library);
  Samples ceiling(rate);
  for (std::size_t i = 0; i < rate; ++i) ceiling[i] = -12.0f + 12.0f * std::sin(static_cast<float>(i) * 0.001f);
  for (float &x : ceiling) x = std::min(0.0f, x);
  limiter.curve("ceiling_db", ceiling);
  const Samples in = noise(rate, 9, 5.0f);
  const Samples out = through(limiter, in, in);
  for (std::size_t i = lookahead; i < rate; ++i)
    REQUIRE(std::abs(static_cast<double>(out[i])) <=
            std::pow(10, static_cast<double>(ceiling[i - lookahead]) / 20) * (1 + 1e-5));
}

TEST_CASE("limiter: sleeps after its delay and its release") {
  const Library library("limiter");
  Instance limiter(library);
  const Samples in = noise(rate, 9, 5.0f);
  const Samples first = through(limiter, in, in);
  through(limiter, Samples(10 * rate, 0.0f), Samples(10 * rate, 0.0f));
  CHECK(limiter.asleep());
  CHECK(through(limiter, in, in) == first);
}
