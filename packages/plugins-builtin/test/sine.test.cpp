// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {
constexpr int second = 48000;
}

TEST_CASE("sine: a note is a sine of its key's frequency at gain times velocity") {
  const Library library("sine");
  CHECK(library.id == "builtin.sine");
  CHECK(library.preserves_finite);
  Instance sine(library);
  CHECK(sine.default_of("gain") == near(0.15));
  sine.note_on(0, 69, 0.8);
  const auto out = sine.run(second);
  REQUIRE(out.size() == 2);
  CHECK(out[0] == out[1]);
  CHECK(amplitude_at(out[0], 440, 48000, 4800, second) == near(0.15 * 0.8, 1e-4));
  CHECK(rms(out[0], 4800) == near(0.12 / std::sqrt(2.0), 1e-3));

  sine.note_off(0, 69);
  sine.run(second);
  sine.note_on(0, 81, 1.0);
  CHECK(amplitude_at(sine.run(second)[0], 880, 48000, 4800, second) == near(0.15, 1e-4));
}

TEST_CASE("sine: begins on its frame without a click and is whole within 5 ms") {
  const Library library("sine");
  Instance sine(library);
  sine.set("gain", 1);
  sine.note_on(1000, 69);
  const auto out = sine.run(4800)[0];
  for (std::size_t i = 0; i <= 1000; ++i) REQUIRE(out[i] == 0.0f);
  CHECK(out[1002] != 0.0f);
  const double step = 2 * 3.141592653589793 * 440 / 48000;  // the steepest a full-scale sine of 440 Hz gets
  for (std::size_t i = 1; i < out.size(); ++i) REQUIRE(std::abs(out[i] - out[i - 1]) < 1.2 * step);
  CHECK(peak(out, 1000 + 240) == near(1.0, 0.01));
}

TEST_CASE("sine: releases with a time constant of 33 ms and then sleeps") {
  const Library library("sine");
  Instance sine(library);
  sine.note_on(0, 81);
  sine.note_off(second, 81);
  const auto out = sine.run(2 * second)[0];
  const int constant = static_cast<int>(0.033 * second);
  const double before = rms(out, second - 480, second);
  CHECK(rms(out, second + constant - 240, second + constant + 240) == near(before * std::exp(-1.0), 0.03));
  CHECK(rms(out, second + 3 * constant - 240, second + 3 * constant + 240) == near(before * std::exp(-3.0), 0.05));
  CHECK(sine.asleep());
  CHECK(sine.slept_frames() > second / 2);
  CHECK(peak(out, second + static_cast<int>(sine.tail_frames())) == 0.0);
}

TEST_CASE("sine: notes add, and 256 of them sound at once") {
  const Library library("sine");
  Instance chord(library);
  chord.note_on(0, 60);
  chord.note_on(0, 67);
  const auto out = chord.run(second)[0];
  for (double hertz : {261.6256, 391.9954}) CHECK(amplitude_at(out, hertz, 48000, 4800, second) == near(0.15, 0.01));

  Instance many(library);
  for (int channel = 0; channel < 2; ++channel)
    for (int key = 0; key < 128; ++key) many.note_on(0, key, 1.0, channel);
  const auto all = many.run(second)[0];
  CHECK(amplitude_at(all, 440, 48000, 4800, second) == near(0.3, 0.01));
  for (int channel = 0; channel < 2; ++channel)
    for (int key = 0; key < 128; ++key) many.note_off(0, key, channel);
  many.run(second);
  CHECK(many.asleep());
}

TEST_CASE("sine: one note-off ends one of two notes of the same key, and the controllers end all of a channel") {
  const Library library("sine");
  Instance sine(library);
  sine.note_on(0, 69);
  sine.note_on(0, 69);
  sine.note_off(100, 69);
  CHECK(amplitude_at(sine.run(second)[0], 440, 48000, second / 2, second) == near(0.15, 0.01));
  sine.event(0, ARR_EVENT_CC, 1, 123, 0);
  sine.run(second);
  CHECK_FALSE(sine.asleep());
  sine.event(0, ARR_EVENT_CC, 0, 123, 0);
  sine.run(second);
  CHECK(sine.asleep());
}
