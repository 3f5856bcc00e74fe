// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int frames = 1000;

}  // namespace

TEST_CASE("gain: each sample times the gain, bit for bit, and unchanged at 1") {
  const Library library("gain");
  CHECK(library.id == "builtin.gain");
  const std::vector<Samples> in{noise(frames, 1), noise(frames, 2)};
  for (const float gain : {0.0f, 0.3f, 1.0f, 4.0f}) {
    for (const bool shared : {false, true}) {
      CAPTURE(gain);
      CAPTURE(shared);
      Instance instance(library);
      instance.share_buffers = shared;
      instance.set("gain", static_cast<double>(gain));
      instance.feed("audio_in", in);
      auto wanted = in;
      for (Samples &side : wanted)
        for (float &sample : side) sample *= gain;
      CHECK(instance.run(frames, {77}) == wanted);
    }
  }
}

TEST_CASE("gain: follows a parameter that moves, frame by frame") {
  const Library library("gain");
  Instance instance(library);
  const std::vector<Samples> in{noise(frames, 1), noise(frames, 2)};
  Samples curve(frames);
  for (int i = 0; i < frames; ++i) curve[static_cast<std::size_t>(i)] = 4.0f * static_cast<float>(i) / frames;
  instance.feed("audio_in", in);
  instance.curve("gain", curve);
  const auto out = instance.run(frames, {128});
  for (std::size_t side = 0; side < 2; ++side)
    for (std::size_t i = 0; i < frames; ++i) REQUIRE(out[side][i] == in[side][i] * curve[i]);
}

TEST_CASE("gain: the loudest sample stays finite, and silence sleeps") {
  const Library library("gain");
  Instance instance(library);
  constexpr float huge = std::numeric_limits<float>::max();
  instance.set("gain", 4);
  instance.feed("audio_in", {Samples(128, huge), Samples(128, -huge)});
  CHECK(instance.run(128) == std::vector<Samples>{Samples(128, huge), Samples(128, -huge)});
  instance.run(128);
  CHECK(instance.asleep());
}
