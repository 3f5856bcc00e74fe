// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000;

Instance playing(const Library &library, int program, int channel = 0) {
  Instance synth(library);
  synth.event(0, ARR_EVENT_PROGRAM, channel, program, 0);
  return synth;
}

double decibels(double ratio) { return 20 * std::log10(ratio); }

// The centre of the spectrum within a semitone of `hertz`, seen through a Hann window: a pair of detuned oscillators
// counts as their middle.
double measured_pitch(const Samples &samples, double hertz, int from, int to) {
  Samples windowed(static_cast<std::size_t>(to));
  for (int i = from; i < to; ++i) {
    const double window = 0.5 - 0.5 * std::cos(2 * 3.141592653589793 * (i - from) / (to - from));
    windowed[static_cast<std::size_t>(i)] = static_cast<float>(window) * samples[static_cast<std::size_t>(i)];
  }
  double sum = 0, weighted = 0;
  for (int cents = -100; cents <= 100; cents += 4) {
    const double at = hertz * std::exp2(cents / 1200.0);
    const double power = std::pow(amplitude_at(windowed, at, rate, from, to), 2);
    sum += power;
    weighted += power * at;
  }
  return weighted / sum;
}

// The loudest 100 ms of the first second.
double loudness(const Samples &samples) {
  double most = 0;
  for (int at = 0; at + 4800 <= rate; at += 1200) most = std::max(most, rms(samples, at, at + 4800));
  return most;
}

}  // namespace

TEST_CASE("synth: every program sounds, at about the same loudness, and dies after its note") {
  const Library library("synth");
  CHECK(library.id == "builtin.synth");
  for (int program = 0; program < 128; ++program) {
    CAPTURE(program);
    Instance synth = playing(library, program);
    synth.note_on(0, 60, 0.8);
    synth.note_off(rate, 60);
    const auto out = synth.run(5 * rate, {512});
    REQUIRE(all_finite(out[0]));
    CHECK(peak(out[0]) < 0.5);
    CHECK(std::abs(decibels(loudness(out[0]) / 0.035)) < 1);
    CHECK(peak(out[0], 4 * rate) == 0.0);
    CHECK(synth.asleep());
  }
}

TEST_CASE("synth: notes have the pitch of their key, bent as the wheel says") {
  const Library library("synth");
  for (const int program : {0, 16, 33, 48, 56, 73, 80}) {
    for (const int key : {45, 57, 69, 81}) {
      CAPTURE(program);
      CAPTURE(key);
      Instance synth = playing(library, program);
      synth.note_on(0, key);
      const double hertz = 440 * std::exp2((key - 69) / 12.0);
      const auto out = synth.run(rate)[0];
      CHECK(std::abs(1200 * std::log2(measured_pitch(out, hertz, rate / 4, rate) / hertz)) < 15);
    }
  }
  const auto bent = [&](double bend, int range) {
    Instance synth = playing(library, 80);
    if (range != 2) {
      for (const int number : {101, 100}) synth.event(0, ARR_EVENT_CC, 0, number, 0);
      synth.event(0, ARR_EVENT_CC, 0, 6, range / 127.0);
    }
    synth.event(0, ARR_EVENT_BEND, 0, 0, bend);
    synth.note_on(0, 69);
    const double hertz = 440 * std::exp2(bend * range / 12.0);
    return 12 * std::log2(measured_pitch(synth.run(rate)[0], hertz, rate / 4, rate) / 440);
  };
  CHECK(bent(1, 2) == near(2, 0.05));
  CHECK(bent(-1, 2) == near(-2, 0.05));
  CHECK(bent(0.5, 12) == near(6, 0.03));
}

TEST_CASE("synth: the waves do not alias") {
  const Library library("synth");
  for (const int wave : {3, 4, 5}) {
    CAPTURE(wave);
    Instance synth = playing(library, 16);
    synth.set("waveform", wave);
    synth.set("cutoff", 20000);
    synth.note_on(0, 96);  // 2093 Hz: its 12th harmonic, 25.1 kHz, would come back at 22.9 kHz, its 20th at 6.1 kHz
    const auto out = synth.run(2 * rate)[0];
    const double hertz = 440 * std::exp2((96 - 69) / 12.0);
    const double tone = amplitude_at(out, hertz, rate, rate, 2 * rate);
    for (int n = 15; n < 40; ++n) {
      double folded = std::fmod(n * hertz, rate);
      folded = std::min(folded, rate - folded);
      if (folded > 15000 || folded < 50) continue;
      CAPTURE(n);
      CHECK(decibels(amplitude_at(out, folded, rate, rate, 2 * rate) / tone) < -45);
    }
  }
}

TEST_CASE("synth: a low cutoff darkens, resonance sharpens") {
  const Library library("synth");
  const auto partial = [&](double cutoff, double resonance, int number) {
    Instance synth = playing(library, 81);
    synth.set("cutoff", cutoff);
    synth.set("resonance", resonance);
    synth.note_on(0, 45);
    return amplitude_at(synth.run(2 * rate)[0], 110 * number, rate, rate, 2 * rate);
  };
  CHECK(decibels(partial(100, 0, 20) / partial(1000, 0, 20)) < -20);
  CHECK(std::abs(decibels(partial(5000, 0, 1) / partial(1000, 0, 1))) < 3);
  CHECK(partial(300, 1, 9) > 1.3 * partial(300, 0, 9));
}

TEST_CASE("synth: volume, expression and pan of a channel") {
  const Library library("synth");
  const auto level = [&](std::vector<std::pair<int, double>> controllers, std::size_t side) {
    Instance synth = playing(library, 16);
    for (const auto &[number, value] : controllers) synth.event(0, ARR_EVENT_CC, 0, number, value / 127);
    synth.note_on(0, 60);
    return rms(synth.run(rate)[side], rate / 2);
  };
  CHECK(level({{7, 64}}, 0) == near(level({{7, 127}}, 0) * 0.254, 0.02));
  CHECK(level({{11, 64}}, 0) == near(level({}, 0) * 0.254, 0.02));
  CHECK(level({{10, 0}}, 1) == 0.0);
  CHECK(level({{10, 127}}, 0) < 1e-6);
  CHECK(level({{10, 64}}, 0) == near(level({{10, 64}}, 1)));
  CHECK(level({{10, 127}}, 1) == near(level({}, 1) * std::sqrt(2.0), 0.01));

  Instance by_event = playing(library, 16);
  by_event.event(0, ARR_EVENT_VOLUME, 0, 0, 64.0 / 127);
  by_event.note_on(0, 60);
  CHECK(rms(by_event.run(rate)[0], rate / 2) == near(level({{7, 64}}, 0)));
}

TEST_CASE("synth: the pedal holds notes, and controllers end them") {
  const Library library("synth");
  Instance synth = playing(library, 16);
  synth.event(0, ARR_EVENT_CC, 0, 64, 1);
  synth.note_on(0, 60);
  synth.note_off(100, 60);
  CHECK(rms(synth.run(rate)[0], rate / 2) > 0.01);
  synth.event(0, ARR_EVENT_CC, 0, 64, 0);
  synth.run(rate);
  CHECK(synth.asleep());

  for (const int number : {120, 123}) {
    CAPTURE(number);
    synth.note_on(0, 60);
    synth.note_on(0, 64, 1, 3);
    synth.event(rate / 2, ARR_EVENT_CC, 0, number, 0);
    synth.run(rate);
    CHECK_FALSE(synth.asleep());
    synth.event(0, ARR_EVENT_CC, 3, number, 0);
    synth.run(rate);
    CHECK(synth.asleep());
  }
}

TEST_CASE("synth: the modulation wheel moves the pitch") {
  const Library library("synth");
  const auto spread = [&](double wheel) {
    Instance synth = playing(library, 80);
    synth.event(0, ARR_EVENT_CC, 0, 1, wheel);
    synth.note_on(0, 69);
    const auto out = synth.run(rate)[0];
    double least = 1e9, most = 0;
    for (int at = rate / 4; at + 2400 <= rate; at += 800) {
      const double hertz = measured_pitch(out, 440, at, at + 2400);
      least = std::min(least, hertz);
      most = std::max(most, hertz);
    }
    return 1200 * std::log2(most / least);
  };
  CHECK(spread(1) > spread(0) + 30);
}

TEST_CASE("synth: channel 10 is drums") {
  const Library library("synth");
  for (int key = 27; key <= 87; ++key) {
    CAPTURE(key);
    Instance synth(library);
    synth.note_on(0, key, 0.8, 9);
    synth.note_off(10, key, 9);
    const auto out = synth.run(5 * rate, {512});
    CHECK(peak(out[0], 0, rate / 10) > 0.01);
    CHECK(peak(out[0]) < 0.5);
    CHECK(peak(out[1]) < 0.5);
    CHECK(synth.asleep());
  }
  const auto length = [&](bool closed) {  // a closed hat cuts an open one short
    Instance synth(library);
    synth.note_on(0, 46, 1, 9);
    if (closed) synth.note_on(4800, 42, 1, 9);
    return rms(synth.run(rate)[0], 12000, 24000);
  };
  CHECK(length(true) < 0.1 * length(false));
}

TEST_CASE("synth: 64 notes sound, and a further one takes a released or quiet one") {
  const Library library("synth");
  Instance synth = playing(library, 16);
  synth.set("gain", 0.05);
  for (int n = 0; n < 64; ++n) synth.note_on(0, 30 + n, 0.8);
  const auto hertz = [](int key) { return 440 * std::exp2((key - 69) / 12.0); };
  auto out = synth.run(2 * rate)[0];
  for (const int key : {30, 55, 60, 93}) CHECK(amplitude_at(out, hertz(key), rate, rate, 2 * rate) > 0.002);
  synth.note_off(0, 50);
  synth.note_on(100, 96, 1.0);
  out = synth.run(2 * rate)[0];
  CHECK(amplitude_at(out, hertz(96), rate, rate, 2 * rate) > 0.002);
  CHECK(amplitude_at(out, hertz(60), rate, rate, 2 * rate) > 0.002);
  for (int n = 0; n < 64; ++n) synth.note_on(n * 50, 30 + n, 0.5);
  CHECK(all_finite(synth.run(rate)[0]));
  for (int n = 0; n < 64; ++n) synth.note_off(0, 30 + n);
  for (int n = 0; n < 64; ++n)
    if (n != 20) synth.note_off(100, 30 + n);
  synth.note_off(0, 96);
  synth.run(rate);
  CHECK(synth.asleep());
}

TEST_CASE("synth: a fade of the volume that outlives its last voice ends with it, wherever a call does") {
  const Library library("synth");
  const auto run = [&](int volume_at, int note_at, const Cuts &cuts) {
    Instance synth = playing(library, 16);
    synth.note_on(0, 60);
    synth.note_off(1000, 60);
    if (volume_at > 0) synth.event(volume_at, ARR_EVENT_VOLUME, 0, 0, 0.2);
    if (note_at > 0) synth.note_on(note_at, 64);
    return synth.run(rate / 2, cuts)[0];
  };
  const auto alone = run(0, 0, {128});
  int end = rate / 2;
  while (alone[static_cast<std::size_t>(end - 1)] == 0.0f) --end;
  REQUIRE(end > 1000);
  REQUIRE(end < rate / 4);
  const auto reference = run(end - 20, end + 9, {1});
  CHECK(run(end - 20, end + 9, {128}) == reference);
  CHECK(run(end - 20, end + 9, {8192}) == reference);
}

TEST_CASE("synth: the plain timbre is a saw through the filter at its cutoff, with the envelope's times") {
  const Library library("synth");
  const auto note = [&](int key, double velocity, double cutoff) {
    Instance synth = playing(library, 48);  // a program of two oscillators and vibrato, which does not count
    synth.set("timbre", 1);
    synth.set("cutoff", cutoff);
    synth.note_on(0, key, velocity);
    return synth.run(2 * rate)[0];
  };
  const auto partial = [](const Samples &out, double hertz) { return amplitude_at(out, hertz, rate, rate, 2 * rate); };
  const auto open = note(45, 1, 20000), dark = note(45, 1, 1000);
  // The analog low-pass of q 0.7, warped to meet at the cutoff.
  const auto low_pass = [](double hertz) {
    const double pi = 3.141592653589793, w = std::tan(pi * hertz / rate) / std::tan(pi * 1000 / rate);
    return 1 / std::hypot(1 - w * w, w / 0.7);
  };
  for (int n = 1; n < 25; ++n) {
    CAPTURE(n);
    CHECK(partial(open, 110 * n) * n == near(partial(open, 110), 0.03));  // a saw's partials
    CHECK(partial(dark, 110 * n) / partial(open, 110 * n) == near(low_pass(110 * n), 0.03));
  }
  CHECK(rms(note(45, 0.5, 1000), rate) == near(0.25 * rms(dark, rate), 0.001));  // velocity is level alone
  CHECK(partial(note(57, 1, 1000), 1100) / partial(note(57, 1, 20000), 1100) == near(low_pass(1100), 0.03));

  Instance synth = playing(library, 0);
  synth.set("timbre", 1);
  synth.set("attack", 10);  // 100 ms
  synth.set("sustain", 0);
  synth.note_on(0, 93);
  const auto out = synth.run(rate)[0];
  const auto attack = [](double t) { return (1 - std::exp2(-2 * t)) / (1 - std::exp2(-2.0)); };
  CHECK(rms(out, 4600, 4800) / rms(out, 1900, 2100) == near(attack(4700.0 / 4800) / attack(2000.0 / 4800), 0.01));
  CHECK(peak(out, 4800 + 4800) == 0.0);
  CHECK(synth.asleep());
}

TEST_CASE("synth: a voice sounds the same to the bit whatever the others do") {
  const Library library("synth");
  for (const int timbre : {0, 1}) {
    CAPTURE(timbre);
    const auto run = [&](bool company, const Cuts &cuts) {
      Instance synth = playing(library, 0);
      synth.set("timbre", timbre);
      synth.event(0, ARR_EVENT_CC, 0, 10, 1);  // on the right; all others wholly on the left
      synth.note_on(100, 50);
      synth.event(9000, ARR_EVENT_BEND, 0, 0, 0.3);
      synth.note_off(15000, 50);
      for (int n = 0; company && n < 30; ++n) {
        const int channel = 1 + n % 8;
        synth.event(50, ARR_EVENT_CC, channel, 10, 0);
        synth.event(60, ARR_EVENT_PROGRAM, channel, 5 + n * 11 % 120, 0);
        synth.event(5000 + 77 * n, ARR_EVENT_CC, channel, 1, n % 3);
        synth.note_on(130 + 300 * n, 40 + n, 0.9, channel);
        synth.note_off(4000 + 450 * n, 40 + n, channel);
      }
      return synth.run(rate / 2, cuts)[1];
    };
    const auto alone = run(false, {128});
    CHECK(peak(alone) > 0.01);
    CHECK(run(true, {128}) == alone);
    CHECK(run(true, {37}) == alone);
  }
}

TEST_CASE("synth: a voice that is taken over sounds the same to the bit whatever its neighbours did") {
  const Library library("synth");
  const auto run = [&](int timbre_of_others) {
    Instance synth(library);
    synth.event(0, ARR_EVENT_CC, 0, 10, 1);  // on the right; all others wholly on the left
    synth.event(0, ARR_EVENT_CC, 1, 10, 0);
    synth.set("timbre", 1);  // one wave
    synth.note_on(0, 50);
    synth.run(128);
    synth.set("timbre", timbre_of_others);
    for (int n = 0; n < 63; ++n) synth.note_on(0, 40 + n, 0.5, 1);
    synth.run(4000);
    synth.set("timbre", 0);  // two waves
    synth.note_off(0, 50);
    synth.note_on(10, 62);
    return synth.run(rate / 4)[1];
  };
  const auto reference = run(1);
  CHECK(peak(reference) > 0.01);
  CHECK(run(0) == reference);
}
