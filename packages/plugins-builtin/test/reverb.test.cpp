// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <arranger/dsp/math.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int rate = 48000;

Instance wet_only(const Library &library, double room_size, double damping, double sample_rate = rate) {
  Instance reverb(library, {}, sample_rate);
  for (const auto &[param, value] :
       {std::pair{"dry", 0.0}, {"wet", 1.0}, {"room_size", room_size}, {"damping", damping}})
    reverb.set(param, value);
  return reverb;
}

std::vector<Samples> impulse_response(Instance &reverb, int frames) {
  Samples impulse(static_cast<std::size_t>(frames), 0.0f);
  impulse[0] = 1.0f;
  reverb.feed("audio_in", {impulse, impulse});
  return reverb.run(frames, {512});
}

// Seconds for 60 dB, from the slope of the backward-integrated energy between -5 and -35 dB (Schroeder 1965).
double decay_time(const Samples &response, double sample_rate) {
  std::vector<double> left(response.size() + 1, 0.0);
  for (std::size_t i = response.size(); i-- > 0;) left[i] = left[i + 1] + std::pow(static_cast<double>(response[i]), 2);
  const auto when = [&](double db) {
    const auto below =
        std::find_if(left.begin(), left.end(), [&](double e) { return e < left[0] * std::pow(10, db / 10); });
    return static_cast<double>(below - left.begin()) / sample_rate;
  };
  return 2 * (when(-35) - when(-5));
}

}  // namespace

TEST_CASE("reverb: a larger room decays longer, as long as its feedback says") {
  const Library library("reverb");
  CHECK(library.id == "builtin.reverb");
  double before = 0;
  for (const double room : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    CAPTURE(room);
    Instance reverb = wet_only(library, room, 0);
    const double seconds = decay_time(impulse_response(reverb, 14 * rate)[0], rate);
    const double turns = std::log(1000.0) / -std::log(0.7 + 0.28 * room);
    CHECK(seconds > turns * 1116 / 44100 * 0.9);
    CHECK(seconds < turns * 1640 / 44100 * 1.1);
    CHECK(seconds > before);
    before = seconds;
  }
}

TEST_CASE("reverb: the decay is the same in seconds at every sample rate") {
  const Library library("reverb");
  for (const double sample_rate : {8000.0, 44100.0, 96000.0, 192000.0}) {
    CAPTURE(sample_rate);
    Instance reverb = wet_only(library, 0.7, 0.0, sample_rate);
    const double seconds = decay_time(impulse_response(reverb, static_cast<int>(6 * sample_rate))[0], sample_rate);
    CHECK(seconds == near(2.1, 0.05));
  }
}

TEST_CASE("reverb: damping takes the high frequencies out of the tail") {
  const Library library("reverb");
  const auto brightness = [&](double damping) {
    Instance reverb = wet_only(library, 0.8, damping);
    const auto response = impulse_response(reverb, rate)[0];
    Samples slope(response.size() - 1);
    for (std::size_t i = 0; i < slope.size(); ++i) slope[i] = response[i + 1] - response[i];
    return rms(slope, rate / 2) / rms(response, rate / 2);
  };
  CHECK(brightness(1) < 0.5 * brightness(0));
}

TEST_CASE("reverb: damping has the same corner at every sample rate") {
  const Library library("reverb");
  const auto fall = [&](double sample_rate) {  // dB that a burst of 2 kHz loses in 0.2 s
    Instance reverb = wet_only(library, 0.8, 1, sample_rate);
    const int seconds = static_cast<int>(sample_rate);
    Samples in = tone(seconds, 2000, sample_rate, 0.5f);
    std::fill(in.begin() + seconds / 10, in.end(), 0.0f);
    reverb.feed("audio_in", {in, in});
    const auto out = reverb.run(seconds)[0];
    return 20 * std::log10(rms(out, seconds / 5, seconds * 3 / 10) / rms(out, seconds * 2 / 5, seconds / 2));
  };
  const double reference = fall(44100);
  CHECK(reference > 10);
  CHECK(std::abs(fall(96000) - reference) < 4);
  CHECK(std::abs(fall(176400) - reference) < 4);
}

TEST_CASE("reverb: width 0 is mono, width 1 is not") {
  const Library library("reverb");
  Instance reverb = wet_only(library, 0.7, 0.5);
  reverb.set("width", 0);
  auto out = impulse_response(reverb, rate);
  for (std::size_t i = 0; i < rate; ++i) REQUIRE(std::abs(out[0][i] - out[1][i]) < 1e-8f);
  reverb.reset();
  reverb.set("width", 1);
  out = impulse_response(reverb, rate);
  Samples difference(rate);
  for (std::size_t i = 0; i < rate; ++i) difference[i] = out[0][i] - out[1][i];
  CHECK(rms(difference) > 0.5 * rms(out[0]));
}

TEST_CASE("reverb: wet = 1 does not clip, is heard, and is as loud in every room") {
  const Library library("reverb");
  for (const double damping : {0.0, 0.5, 1.0}) {
    for (const double room : {0.0, 0.5, 0.7, 1.0}) {
      CAPTURE(room);
      CAPTURE(damping);
      for (const Samples &in :
           {noise(4 * rate, 7), tone(4 * rate, 440, rate), tone(4 * rate, 53.5, rate), Samples(4 * rate, 1.0f)}) {
        Instance reverb = wet_only(library, room, damping);
        reverb.feed("audio_in", {in, in});
        const auto out = reverb.run(4 * rate, {512});
        REQUIRE(peak(out[0]) <= 1.0);
        REQUIRE(peak(out[1]) <= 1.0);
      }
      Instance reverb = wet_only(library, room, damping);
      const auto in = noise(4 * rate, 8, 0.25f);
      reverb.feed("audio_in", {in, in});
      const double gain = 20 * std::log10(rms(reverb.run(4 * rate)[0], 2 * rate) / rms(in));
      CHECK(gain > -18);
      CHECK(gain < -5);
    }
  }
}

TEST_CASE("reverb: the dry part is the input as it is") {
  const Library library("reverb");
  for (const bool shared : {false, true}) {
    Instance reverb(library);
    reverb.share_buffers = shared;
    reverb.set("wet", 0);
    const std::vector<Samples> in{noise(4800, 1), noise(4800, 2)};
    reverb.feed("audio_in", in);
    CHECK(reverb.run(4800) == in);
  }
}

TEST_CASE("reverb: sleeps after its tail and wakes as new") {
  const Library library("reverb");
  Instance reverb = wet_only(library, 0.5, 0.5);
  reverb.run(1024);
  CHECK(reverb.asleep());
  const auto first = impulse_response(reverb, 8 * rate);
  CHECK(reverb.asleep());
  CHECK(reverb.slept_frames() > rate);
  CHECK(reverb.tail_frames() > 20 * rate);
  CHECK(impulse_response(reverb, 8 * rate) == first);
  reverb.reset();
  CHECK(impulse_response(reverb, 8 * rate) == first);
}

TEST_CASE("reverb: the tail ends on its own frame, wherever a call does") {
  const Library library("reverb");
  constexpr int frames = 4 * rate;
  const auto run = [&](int second_impulse, const Cuts &cuts, int &slept) {
    Instance reverb = wet_only(library, 0, 1);
    Samples in(frames, 0.0f);
    in[5] = 1.0f;
    if (second_impulse > 0) in[static_cast<std::size_t>(second_impulse)] = 1.0f;
    reverb.feed("audio_in", {in, in});
    auto out = reverb.run(frames, cuts);
    slept = static_cast<int>(reverb.slept_frames());
    return out;
  };
  int slept = 0, unused = 0;
  run(0, {1}, slept);
  const int end = frames - slept;
  REQUIRE(end > rate / 4);
  REQUIRE(end < 3 * rate);
  for (const int after : {-3, -1, 0, 1, 20}) {
    CAPTURE(after);
    const auto reference = run(end + after, {1}, unused);
    CHECK(run(end + after, {128}, unused) == reference);
    CHECK(run(end + after, {8192}, unused) == reference);
  }
}

namespace {

// One side of Freeverb as it is usually written, sample by sample.
struct Freeverb {
  std::vector<Samples> combs, all_passes;
  std::vector<float> damped = std::vector<float>(8, 0.0f);
  std::size_t now = 0;

  explicit Freeverb(std::size_t spread) {
    for (const std::size_t frames : {1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617})
      combs.emplace_back(frames + spread);
    for (const std::size_t frames : {556, 441, 341, 225}) all_passes.emplace_back(frames + spread);
  }
  float next(float input, float feedback, float damp) {
    float sum = 0.0f;
    for (std::size_t n = 0; n < combs.size(); ++n) {
      float &slot = combs[n][now % combs[n].size()];
      sum = n == 0 ? slot : sum + slot;
      damped[n] = slot * (1.0f - damp) + damped[n] * damp;
      slot = input + feedback * damped[n];
    }
    for (Samples &line : all_passes) {
      float &slot = line[now % line.size()];
      const float delayed = slot;
      slot = sum + 0.5f * delayed;
      sum = delayed - sum;
    }
    ++now;
    return sum;
  }
};

}  // namespace

TEST_CASE("reverb: is Freeverb as it is usually written, bit for bit, at every level") {
  constexpr std::size_t frames = 44100;
  const std::vector<Samples> in{noise(frames, 1, 0.25f), noise(frames, 2, 0.25f)};
  const float feedback = 0.7f + 0.28f * 0.6f, level = 0.03f * std::sqrt(1.0f - feedback * feedback);
  const float damp = arranger::dsp::exp2(arranger::dsp::log2(0.4f * 0.5f) * 1.0f);
  Freeverb left(0), right(23);
  std::vector<Samples> wanted(2);
  for (std::size_t i = 0; i < frames; ++i) {
    const float input = (0.5f * in[0][i] + 0.5f * in[1][i]) * level;
    const float l = left.next(input, feedback, damp), r = right.next(input, feedback, damp);
    wanted[0].push_back(0.5f * in[0][i] + (l * 1.0f + r * 0.0f));
    wanted[1].push_back(0.5f * in[1][i] + (r * 1.0f + l * 0.0f));
  }
  for (const std::string level_name : {"", "x86-64-v3"}) {
    CAPTURE(level_name);
    if (!level_name.empty() && !Library::has_level("reverb", level_name)) {
      MESSAGE("x86-64-v3 of reverb was not built or this processor lacks it");
      continue;
    }
    const Library library("reverb", level_name);
    Instance reverb(library, {}, 44100);
    for (const auto &[param, value] : {std::pair{"room_size", 0.6}, {"damping", 0.5}, {"wet", 1.0}, {"dry", 0.5}})
      reverb.set(param, value);
    reverb.feed("audio_in", in);
    CHECK(reverb.run(frames, {4096}) == wanted);
  }
}
