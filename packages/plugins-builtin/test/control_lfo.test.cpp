// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int second = 48000;
enum Shape { sine, square, triangle, sawtooth };

Instance lfo_of(const Library &library, const std::map<std::string, double> &params) {
  Instance out(library);
  for (const auto &[id, value] : params) out.set(id, value);
  return out;
}

const Samples &run(Instance &lfo, int frames) {
  lfo.run(frames);
  return lfo.control("control_out");
}

// The wave at a phase in turns, 0 <= phase < 1.
double wave(Shape shape, double phase) {
  switch (shape) {
    case square:
      return phase < 0.5 ? 1 : -1;
    case triangle:
      return phase < 0.25 ? 4 * phase : phase < 0.75 ? 2 - 4 * phase : 4 * phase - 4;
    case sawtooth:
      return phase < 0.5 ? 2 * phase : 2 * phase - 2;
    default:
      return std::sin(2 * std::numbers::pi * phase);
  }
}

}  // namespace

TEST_CASE("control_lfo: the documented ranges and defaults") {
  const Library library("control_lfo");
  CHECK(library.id == "builtin.control_lfo");
  const Instance lfo(library);
  const struct {
    const char *id;
    double min, max, start;
  } table[] = {{"frequency", 0.01, 100, 1}, {"amplitude", 0, 1, 0.5}, {"offset", 0, 1, 0.5},
               {"shape", 0, 3, 0},          {"sync", 0, 1, 0},        {"beats", 0.0625, 64, 4}};
  for (const auto &row : table) {
    CAPTURE(row.id);
    CHECK(lfo.port(row.id)->min == row.min);
    CHECK(lfo.port(row.id)->max == row.max);
    CHECK(lfo.port(row.id)->default_value == row.start);
  }
}

TEST_CASE("control_lfo: every shape begins at phase 0 and has the period of its frequency") {
  const Library library("control_lfo");
  for (const Shape shape : {sine, square, triangle, sawtooth}) {
    CAPTURE(shape);
    Instance lfo = lfo_of(library, {{"shape", shape}, {"frequency", 3}});
    const Samples &out = run(lfo, second);
    double error = 0;
    for (int i = 0; i < second; ++i) {
      const double phase = std::fmod(3.0 * i / second, 1.0);
      if (std::abs(std::remainder(phase, 0.5)) < 1e-6 && i > 0) continue;  // where square and sawtooth jump
      error = std::max(
          error, std::abs(static_cast<double>(out[static_cast<std::size_t>(i)]) - (0.5 + 0.5 * wave(shape, phase))));
    }
    CHECK(error < 1e-6);
    CHECK(out[0] == (shape == square ? 1.0f : 0.5f));
  }
}

TEST_CASE("control_lfo: clamps offset plus amplitude times the wave") {
  const Library library("control_lfo");
  Instance lfo = lfo_of(library, {{"amplitude", 1}, {"offset", 0.25}, {"frequency", 1}});
  const Samples &out = run(lfo, second);
  CHECK(out[second / 12] == near(0.75, 1e-5));  // 0.25 + sin 30°
  CHECK(out[second / 4] == 1.0f);
  CHECK(out[3 * second / 4] == 0.0f);
}

TEST_CASE("control_lfo: the slowest wave keeps its time for an hour") {
  const Library library("control_lfo");
  constexpr int rate = 8000;
  Instance lfo(library, {}, rate);
  lfo.set("frequency", 0.01);
  lfo.set("shape", sawtooth);
  for (int minute = 0; minute < 60; ++minute) lfo.run(60 * rate, {8192});
  // 36 periods later it is at phase 0, as exactly as the parameter's float says 0.01.
  const double turns = 3600 * static_cast<double>(0.01f);
  CHECK(static_cast<double>(run(lfo, 1)[0]) == near(0.5 + (turns - 36), 1e-7));
}

TEST_CASE("control_lfo: synchronised, a cycle begins on the frame of its beat, whatever the tempo does") {
  const Library library("control_lfo");
  Instance lfo = lfo_of(library, {{"sync", 1}, {"beats", 2}, {"shape", square}});
  // 24000 frames a beat, from beat 3 on 12000, from beat 4.5 on 20000.
  lfo.play(0, {{0, 120}, {3, 240}, {4.5, 144}});
  const Samples &out = run(lfo, 160000);
  const int beats[] = {0, 24000, 48000, 72000, 84000, 100000, 120000, 140000};
  for (std::size_t n = 1; n < std::size(beats); ++n) {
    CAPTURE(n);
    const auto at = static_cast<std::size_t>(beats[n]);
    CHECK(out[at - 1] == (n % 2 == 0 ? 0.0f : 1.0f));
    CHECK(out[at] == (n % 2 == 0 ? 1.0f : 0.0f));
  }
}

TEST_CASE("control_lfo: synchronised, it is right at once after a seek and in a loop") {
  const Library library("control_lfo");
  Instance straight = lfo_of(library, {{"sync", 1}, {"beats", 3}});
  straight.play(0, {{0, 117}});
  const Samples whole = run(straight, 4 * second);
  Instance jumping = lfo_of(library, {{"sync", 1}, {"beats", 3}});
  for (const int from : {100000, 3, 77777, 77777}) {
    jumping.play(from, {{0, 117}});
    const Samples &out = run(jumping, 50000);
    CHECK(out == Samples(whole.begin() + from, whole.begin() + from + 50000));
  }
  // 3 beats at 117 BPM are 73846.15 frames.
  CHECK(whole[18462] == near(1.0, 1e-4));
}

TEST_CASE("control_lfo: a song that stands still lets it run on at its tempo") {
  const Library library("control_lfo");
  Instance lfo = lfo_of(library, {{"sync", 1}, {"beats", 1}, {"shape", sawtooth}, {"amplitude", 0.5}});
  const Samples &out = run(lfo, second);  // 120 BPM: two cycles
  CHECK(out[6000] == near(0.75, 1e-4));
  CHECK(out[24000 + 6000] == near(0.75, 1e-4));
  lfo.play(12000 - 4);
  CHECK(run(lfo, 5)[4] == 0.0f);
  lfo.stop();
  CHECK(run(lfo, 6000)[5999] == near(0.25, 1e-3));
}
