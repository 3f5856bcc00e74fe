// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"
#include "response.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000;

// Channels of the run: audio_out left and right, wet_out left and right.
enum { out_left, out_right, wet_left, wet_right };

Instance delay_of(const Library &library, const std::vector<std::pair<std::string, double>> &params,
                  double sample_rate = rate, int input_delay = 0) {
  Instance delay(library, {}, sample_rate, {}, input_delay);
  for (const auto &[param, value] : params) delay.set(param, value);
  return delay;
}

Samples with_impulses(int frames, const std::vector<std::pair<int, float>> &impulses) {
  Samples out(static_cast<std::size_t>(frames), 0.0f);
  for (const auto &[at, level] : impulses) out[static_cast<std::size_t>(at)] = level;
  return out;
}

// The greatest second difference: a click has a large one.
double largest_bend(const Samples &samples, int from, int to) {
  double largest = 0;
  for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(samples[i + 1]) - 2.0 * static_cast<double>(samples[i]) +
                                         static_cast<double>(samples[i - 1])));
  return largest;
}

}  // namespace

TEST_CASE("delay: echoes are where they should be, to the frame, at every sample rate") {
  const Library library("delay");
  CHECK(library.id == "builtin.delay");
  for (const double sample_rate : {8000.0, 44100.0, 48000.0, 96000.0, 384000.0}) {
    for (const double time_ms : {1.0, 12.34, 100.0}) {
      CAPTURE(sample_rate);
      CAPTURE(time_ms);
      Instance delay = delay_of(library, {{"time_ms", time_ms}, {"feedback", 0.5}}, sample_rate);
      const int frames = static_cast<int>(0.4 * sample_rate);
      const int turn = std::max(66, static_cast<int>(std::lround(time_ms * 0.001 * sample_rate)));
      std::vector<std::pair<int, float>> echoes;
      float level = 1.0f;
      for (int at = turn; at < frames && level >= 0x1p-30f; at += turn, level *= 0.5f) echoes.emplace_back(at, level);
      const auto out = impulse_response(delay, frames);
      CHECK(out[wet_left] == with_impulses(frames, echoes));
      CHECK(out[wet_right] == out[wet_left]);
    }
  }
}

TEST_CASE("delay: wet_out may close a cycle, audio_out may not") {
  const Library library("delay");
  const Instance delay(library);
  CHECK(delay.port("wet_out")->delay_frames == 64);
  CHECK(delay.port("audio_out")->delay_frames == 0);
}

TEST_CASE("delay: with inputs that come late the whole delay is the same") {
  const Library library("delay");
  for (const double time_ms : {1.0, 100.0}) {
    CAPTURE(time_ms);
    const std::vector<std::pair<std::string, double>> params{
        {"time_ms", time_ms}, {"feedback", 0.5}, {"damping", 0.4}, {"ping_pong", 1}};
    Instance direct = delay_of(library, params), late = delay_of(library, params, rate, 64);
    const Samples in = noise(rate, 4);
    Samples in_late(64, 0.0f);
    in_late.insert(in_late.end(), in.begin(), in.end() - 64);
    direct.feed("audio_in", {in, in});
    late.feed("audio_in", {in_late, in_late});
    const auto expected = direct.run(rate), out = late.run(rate);
    CHECK(out[wet_left] == expected[wet_left]);
    CHECK(out[wet_right] == expected[wet_right]);
  }
}

TEST_CASE("delay: dry is the input, bit for bit, and wet its own level") {
  const Library library("delay");
  const std::vector<Samples> in{noise(rate, 1), noise(rate, 2)};
  Instance dry = delay_of(library, {{"wet", 0}});
  dry.share_buffers = true;
  dry.feed("audio_in", in);
  const auto out = dry.run(rate);
  CHECK(out[out_left] == in[0]);
  CHECK(out[out_right] == in[1]);
  Instance wet = delay_of(library, {{"wet", 0.5}, {"dry", 0}});
  wet.feed("audio_in", in);
  const auto half = wet.run(rate);
  for (std::size_t i = 0; i < rate; ++i) REQUIRE(half[out_left][i] == 0.5f * half[wet_left][i]);
}

TEST_CASE("delay: ping-pong goes left first, then from side to side") {
  const Library library("delay");
  Instance delay = delay_of(library, {{"time_ms", 100}, {"feedback", 0.5}, {"ping_pong", 1}});
  const auto out = impulse_response(delay, 24000);
  CHECK(out[wet_left] == with_impulses(24000, {{4800, 1.0f}, {14400, 0.25f}}));
  CHECK(out[wet_right] == with_impulses(24000, {{9600, 0.5f}, {19200, 0.125f}}));
}

TEST_CASE("delay: damping is a low pass once per turn, with its corner in Hz") {
  const Library library("delay");
  for (const double sample_rate : {44100.0, 96000.0}) {
    CAPTURE(sample_rate);
    Instance delay = delay_of(library, {{"time_ms", 100}, {"feedback", 0.5}, {"damping", 0.5}}, sample_rate);
    const auto turn = static_cast<int>(sample_rate / 10);
    const Samples out = impulse_response(delay, 4 * turn)[wet_left];
    const auto echo = [&](int n) { return Samples(out.begin() + n * turn, out.begin() + (n + 1) * turn); };
    // The analog low pass has lost 3 dB at its corner; that of so low a corner is near to it.
    for (const auto &[n, loss] : {std::pair{1, 0.0}, {2, -3.01}, {3, -6.02}}) {
      CAPTURE(n);
      CHECK(std::abs(db(gain_at(echo(n), 1300, sample_rate) / gain_at(echo(n), 1, sample_rate)) - loss) < 0.1);
      CHECK(gain_at(echo(n), 1, sample_rate) == near(std::pow(0.5, n - 1), 1e-3));
    }
  }
}

TEST_CASE("delay: in sync it is beats long at the tempo of the song") {
  const Library library("delay");
  for (const double bpm : {60.0, 97.0, 120.5, 300.0}) {
    CAPTURE(bpm);
    Instance delay = delay_of(library, {{"sync", 1}, {"beats", 0.75}, {"feedback", 0}});
    delay.play(12345, {{0, bpm}});
    const auto turn = static_cast<int>(std::lround(0.75 * 60 / bpm * rate));
    CHECK(impulse_response(delay, rate)[wet_left] == with_impulses(rate, {{turn, 1.0f}}));
  }
}

TEST_CASE("delay: a new tempo glides, the same however calls are cut") {
  const Library library("delay");
  const Samples in = tone(3 * rate, 300, rate, 0.5f);
  const auto run = [&](const Cuts &cuts) {
    Instance delay = delay_of(library, {{"sync", 1}, {"beats", 0.5}, {"feedback", 0}});
    delay.play(0, {{0, 120}, {2, 100}});
    delay.feed("audio_in", {in, in});
    return delay.run(3 * rate, cuts)[wet_left];
  };
  const Samples out = run({128});
  CHECK(run({511}) == out);
  CHECK(run({4096}) == out);
  // 0.25 s before, 0.3 s after; between them no bend sharper than a sine's that glides faster than it plays.
  for (std::size_t i = 20000; i < 44000; ++i) REQUIRE(std::abs(out[i] - in[i - 12000]) < 1e-9f);
  for (std::size_t i = 60000; i < 3 * rate; ++i) REQUIRE(std::abs(out[i] - in[i - 14400]) < 1e-9f);
  const double bend = 0.5 * std::pow(2 * std::acos(-1.0) * 300 / rate, 2);
  CHECK(largest_bend(out, 44000, 60000) < 4 * bend + 0.01);
}

TEST_CASE("delay: a new time glides without a click and arrives on a whole frame") {
  const Library library("delay");
  const Samples in = tone(2 * rate, 300, rate, 0.5f);
  Instance delay = delay_of(library, {{"feedback", 0}});
  Samples time(2 * rate, 100.0f);
  std::fill(time.begin() + rate, time.end(), 140.0f);
  delay.curve("time_ms", time);
  delay.feed("audio_in", {in, in});
  const Samples out = delay.run(2 * rate)[wet_left];
  CHECK(out[rate - 1] == in[rate - 1 - 4800]);
  CHECK(out[rate + 1000] != in[rate + 1000 - 4800]);
  for (std::size_t i = rate + 4800; i < 2 * rate; ++i) REQUIRE(std::abs(out[i] - in[i - 6720]) < 1e-9f);
  CHECK(largest_bend(out, 5000, 2 * rate - 1) < 0.01);
}

TEST_CASE("delay: is the plain loop of its formula, bit for bit") {
  const Library library("delay");
  for (const int turn : {66, 100, 128, 4800, 18000}) {
    CAPTURE(turn);
    Instance delay = delay_of(library, {{"time_ms", turn / 48.0}, {"feedback", 0.7}, {"wet", 0.3}, {"dry", 0.8}});
    const std::vector<Samples> in{noise(rate, 1), noise(rate, 2)};
    delay.feed("audio_in", in);
    const auto out = delay.run(rate, random_cuts(3, rate, 1000));
    for (std::size_t side = 0; side < 2; ++side) {
      Samples line(static_cast<std::size_t>(turn), 0.0f), echoes, both;
      for (std::size_t i = 0; i < rate; ++i) {
        const float echo = line[i];
        const float into = in[side][i] + 0.7f * echo;
        line.push_back(std::abs(into) < 0x1p-30f ? 0.0f : into);
        echoes.push_back(echo);
        both.push_back(0.8f * in[side][i] + 0.3f * echo);
      }
      CHECK(out[wet_left + side] == echoes);
      CHECK(out[out_left + side] == both);
    }
  }
}

TEST_CASE("delay: whole runs at rest are what frame by frame is, bit for bit") {
  const Library library("delay");
  for (const double time_ms : {1.0, 2.2, 375.0}) {
    for (const double damping : {0.0, 0.6}) {
      for (const double ping_pong : {0.0, 1.0}) {
        for (const int input_delay : {0, 64}) {
          const auto run = [&](bool hints, const Cuts &cuts) {
            Instance delay = delay_of(library, {{"time_ms", time_ms}, {"damping", damping}, {"ping_pong", ping_pong}},
                                      rate, input_delay);
            delay.give_hints = hints;  // without them every parameter may move
            Samples in = noise(rate / 2, 6);
            std::fill(in.begin() + 9000, in.end(), 0.0f);
            delay.feed("audio_in", {in, Samples(rate / 2, 0.25f)});
            return delay.run(rate / 2, cuts);
          };
          CHECK(run(true, {128}) == run(false, random_cuts(5, rate / 2, 700)));
        }
      }
    }
  }
}

TEST_CASE("delay: the greatest feedback ends") {
  const Library library("delay");
  Instance delay = delay_of(library, {{"time_ms", 1}, {"feedback", 1}}, 8000);
  delay.feed("audio_in", {Samples(8000, 1.0f), Samples(8000, 1.0f)});
  const auto out = delay.run(8000);
  CHECK(peak(out[wet_left]) > 50);  // hundred turns, hardly softer each
  delay.run(8000 * 60);
  CHECK(delay.asleep());
  CHECK(delay.tail_frames() >= 4150 * 32000);
}

TEST_CASE("delay: a new time is there at once after silence") {
  const Library library("delay");
  Instance delay = delay_of(library, {{"time_ms", 50}, {"feedback", 0.2}});
  impulse_response(delay, 12 * rate);
  REQUIRE(delay.asleep());
  delay.set("time_ms", 80);
  delay.set("feedback", 0);
  CHECK(impulse_response(delay, rate)[wet_left] == with_impulses(rate, {{3840, 1.0f}}));
}
