// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int frames = 9600;

std::vector<Samples> stereo_noise(std::uint32_t seed, float level) {
  return {noise(frames, seed, level), noise(frames, seed + 1000, level)};
}

}  // namespace

TEST_CASE("mixer: has the ports that its channel count says") {
  const Library library("mixer");
  CHECK(library.id == "builtin.mixer");
  CHECK(library.in_place);
  CHECK(Instance(library).ports().size() == 2 * 5 + 5);
  CHECK(Instance(library, {{"channel_count", 256}}).ports().size() == 256 * 5 + 5);
  Instance none(library, {{"channel_count", 0}});
  CHECK(peak(none.run(256)[0]) == 0.0);
  CHECK(none.asleep());
  const Instance three(library, {{"channel_count", 3}});
  for (const char *id : {"audio_in_2", "gain_2", "pan_2", "mute_2", "solo_2", "master_gain", "soft_clip", "audio_out"})
    CHECK_NOTHROW(three.port(id));
}

TEST_CASE("mixer: one centred channel below -6 dBFS passes bit for bit") {
  const Library library("mixer");
  for (const bool shared : {false, true}) {
    Instance mixer(library);
    mixer.share_buffers = shared;
    const auto in = stereo_noise(1, 0.5f);
    mixer.feed("audio_in_0", in);
    CHECK(mixer.run(frames) == in);
  }
}

TEST_CASE("mixer: sums in channel order") {
  const Library library("mixer");
  Instance mixer(library, {{"channel_count", 3}});
  mixer.set("soft_clip", 0);
  const auto a = stereo_noise(1, 0.9f), b = stereo_noise(2, 0.9f), c = stereo_noise(3, 0.9f);
  mixer.feed("audio_in_0", a);
  mixer.feed("audio_in_1", b);
  mixer.feed("audio_in_2", c);
  const auto out = mixer.run(frames);
  for (std::size_t side = 0; side < 2; ++side)
    for (std::size_t i = 0; i < frames; ++i) REQUIRE(out[side][i] == (a[side][i] + b[side][i]) + c[side][i]);
}

TEST_CASE("mixer: gains multiply") {
  const Library library("mixer");
  Instance mixer(library);
  mixer.set("gain_1", 0.5);
  mixer.set("master_gain", 0.25);
  const auto in = stereo_noise(1, 0.9f);
  mixer.feed("audio_in_1", in);
  const auto out = mixer.run(frames);
  for (std::size_t i = 0; i < frames; ++i) REQUIRE(out[0][i] == in[0][i] * 0.125f);
}

TEST_CASE("mixer: pan keeps the power, is unity at the centre and complete at the sides") {
  const Library library("mixer");
  const Samples ones(256, 0.25f);
  for (const double pan : {-1.0, -0.7, -0.3, 0.0, 0.01, 0.5, 1.0}) {
    CAPTURE(pan);
    Instance mixer(library);
    mixer.set("pan_0", pan);
    mixer.feed("audio_in_0", {ones, ones});
    const auto out = mixer.run(256);
    const double left = out[0][100] * 4, right = out[1][100] * 4, angle = (1 + pan) * 3.141592653589793 / 4;
    CHECK(std::abs(left - std::sqrt(2.0) * std::cos(angle)) < 1e-6);
    CHECK(std::abs(right - std::sqrt(2.0) * std::sin(angle)) < 1e-6);
    CHECK(left * left + right * right == near(2, 1e-6));
    if (pan == 1) CHECK(out[0][100] == 0.0f);
    if (pan == -1) CHECK(out[1][100] == 0.0f);
  }
}

TEST_CASE("mixer: mute and solo choose who sounds") {
  const Library library("mixer");
  const auto heard = [&](std::initializer_list<const char *> on) {
    Instance mixer(library, {{"channel_count", 3}});
    for (const char *param : on) mixer.set(param, 1);
    for (int n = 0; n < 3; ++n) {
      const Samples level(256, 0.01f * static_cast<float>(1 << n));
      mixer.feed("audio_in_" + std::to_string(n), {level, level});
    }
    return static_cast<int>(std::lround(100 * mixer.run(256)[0][0]));
  };
  CHECK(heard({}) == 7);
  CHECK(heard({"mute_0"}) == 6);
  CHECK(heard({"solo_1"}) == 2);
  CHECK(heard({"solo_1", "solo_2"}) == 6);
  CHECK(heard({"solo_1", "solo_2", "mute_2"}) == 2);
}

TEST_CASE("mixer: a mute that is switched while it sounds fades within 5 ms") {
  const Library library("mixer");
  Instance mixer(library);
  const auto in = tone(4800, 100, 48000, 0.5f);
  Samples mute(4800, 0.0f);
  for (std::size_t i = 1000; i < 3000; ++i) mute[i] = 1.0f;
  mixer.feed("audio_in_0", {in, in});
  mixer.curve("mute_0", mute);
  const auto out = mixer.run(4800)[0];
  for (std::size_t i = 0; i < 1000; ++i) REQUIRE(out[i] == in[i]);
  CHECK(peak(out, 1000 + 240, 3000) == 0.0);
  for (std::size_t i = 3000 + 240; i < 4800; ++i) REQUIRE(out[i] == in[i]);
  for (std::size_t i = 1; i < 4800; ++i) REQUIRE(std::abs(out[i] - out[i - 1]) < 0.01f);
}

TEST_CASE("mixer: the soft clipper is the identity below -6 dBFS and stays below full scale") {
  const Library library("mixer");
  Samples ramp(8001);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i) / 1000.0f - 4.0f;
  Instance mixer(library);
  mixer.feed("audio_in_0", {ramp, ramp});
  const auto out = mixer.run(8001)[0];
  for (std::size_t i = 0; i < ramp.size(); ++i) {
    const double x = std::abs(ramp[i]);
    if (x <= 0.5) REQUIRE(out[i] == ramp[i]);
    else REQUIRE(std::abs(out[i]) == near(0.5 + 0.5 * std::tanh(2 * (x - 0.5)), 1e-5));
    if (i > 0) REQUIRE(out[i] > out[i - 1] - 1e-6f);
  }
  CHECK(peak(out) <= 1.0);
  mixer.set("soft_clip", 0);
  mixer.feed("audio_in_0", {ramp, ramp});
  CHECK(mixer.run(8001)[0] == ramp);
}

TEST_CASE("mixer: the level monitors hold the peak of the call") {
  const Library library("mixer");
  Instance mixer(library);
  Samples left(512, 0.01f), right(512, 0.0f);
  left[3] = -0.4f;
  right[500] = 0.25f;
  mixer.feed("audio_in_0", {left, right});
  mixer.run(512, {512});
  CHECK(mixer.monitor("level_l") == 0.4f);
  CHECK(mixer.monitor("level_r") == 0.25f);
  mixer.run(512, {512});
  CHECK(mixer.monitor("level_l") == 0.0f);
  CHECK(mixer.asleep());
}

TEST_CASE("mixer: silence sleeps, and what comes after is heard at once") {
  const Library library("mixer");
  Instance mixer(library);
  mixer.run(4800);
  CHECK(mixer.slept_frames() > 4000);
  mixer.set("mute_0", 1);
  const auto in = stereo_noise(5, 0.4f);
  mixer.feed("audio_in_1", in);
  mixer.feed("audio_in_0", in);
  CHECK(mixer.run(frames) == in);
}

TEST_CASE("mixer: a mute that is switched in its sleep is the same as one that is switched awake") {
  const Library library("mixer");
  Samples in(4096, 0.0f), mute(4096, 1.0f);
  std::fill(in.begin(), in.begin() + 512, 0.3f);
  std::fill(in.begin() + 2048, in.end(), 0.3f);
  std::fill(mute.begin(), mute.begin() + 1024, 0.0f);
  const auto run = [&](const Cuts &cuts) {
    Instance mixer(library);
    mixer.feed("audio_in_0", {in, in});
    mixer.curve("mute_0", mute);
    auto out = mixer.run(4096, cuts);
    REQUIRE((mixer.slept_frames() > 0) == (cuts[0] < 4096));
    return out;
  };
  const auto reference = run({4096});
  CHECK(peak(reference[0], 0, 512) == near(0.3));
  CHECK(peak(reference[0], 1024) == 0.0);
  CHECK(run({512}) == reference);
  CHECK(run({64}) == reference);
}
