// SPDX-License-Identifier: MIT
// One file of a render: what it drops, holds, multiplies and counts.
#include "render/output.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "../fixtures/nodes.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

const AudioFileOptions raw{AudioFormat::raw_f32, SampleFormat::float32};

RenderOutput in_memory(const AudioFileOptions &options, std::int64_t skip) {
  return RenderOutput(AudioWriter::open(std::nullopt, options).value(), options, skip);
}

// Frames of noise from `first` on.
void give(RenderOutput &output, std::int64_t first, std::int32_t frames) {
  std::vector<float> left, right;
  for (std::int64_t i = first; i < first + frames; ++i) {
    left.push_back(noise(i, 0));
    right.push_back(noise(i, 1));
  }
  output.take(left.data(), right.data(), frames);
}

std::vector<float> written(RenderOutput &output) {
  REQUIRE(output.close().has_value());
  const auto bytes = output.publish().value();
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

}  // namespace

TEST_CASE("an output drops its latency and holds what is early, however the signal is cut") {
  for (const std::int32_t size : {1, 64, 300}) {
    CAPTURE(size);
    auto early = in_memory(raw, 0), late = in_memory(raw, 250);
    for (std::int64_t at = 0; at < 1200; at += size) {
      give(early, at, size);
      give(late, at, size);
      const std::int64_t ready = std::min(early.held(), late.held());
      CHECK(ready == (at + size <= 250 ? 0 : std::min<std::int64_t>(size, at + size - 250)));
      REQUIRE(early.pass_on(ready).has_value());
      REQUIRE(late.pass_on(ready).has_value());
    }
    const auto first = written(early), second = written(late);
    REQUIRE(first.size() == second.size());
    REQUIRE(first.size() >= 2 * 950);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const auto frame = static_cast<std::int64_t>(i / 2);
      wrong += first[i] != noise(frame, i % 2);
      wrong += second[i] != noise(frame + 250, i % 2);
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("gain reaches the file, its measures and its hash") {
  auto plain = in_memory(raw, 0), half = in_memory(raw, 0);
  half.set_gain(0.5f);
  for (RenderOutput *output : {&plain, &half}) {
    output->measure();
    give(*output, 0, 48000);
    REQUIRE(output->pass_on(48000).has_value());
  }
  CHECK(*plain.analysis()->peak_dbfs - *half.analysis()->peak_dbfs == doctest::Approx(6.0206).epsilon(1e-4));
  CHECK(plain.hash() != half.hash());
  const auto samples = written(half);
  CHECK(samples[1000] == 0.5f * noise(500, 0));
}

TEST_CASE("a hash depends on every sample and on nothing else") {
  std::vector<float> samples(2000);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = noise(static_cast<std::int64_t>(i), 0);
  const auto hash = [&](std::int64_t size) {
    SampleHash out;
    for (std::int64_t at = 0; at < 1000; at += size)
      out.add(samples.data() + 2 * at, std::min<std::int64_t>(size, 1000 - at));
    return out.hex();
  };
  const std::string whole = hash(1000);
  CHECK(hash(7) == whole);
  for (const std::size_t at : {0u, 1u, 999u, 1998u, 1999u}) {
    samples[at] += 0x1p-20f;
    CHECK(hash(1000) != whole);
    samples[at] -= 0x1p-20f;
  }
  std::swap(samples[10], samples[11]);
  CHECK(hash(1000) != whole);
}

TEST_CASE("what a format clips is counted, in the formats that clip") {
  const float loud[] = {1.5f, -0.5f}, quiet[] = {1.0f, -1.0f};
  const auto clipped = [&](AudioFormat format, SampleFormat samples) {
    auto output = in_memory({format, samples}, 0);
    output.take(loud, quiet, 2);
    REQUIRE(output.pass_on(2).has_value());
    return output.clipped_samples();
  };
  CHECK(clipped(AudioFormat::wav, SampleFormat::int16) == 1);
  CHECK(clipped(AudioFormat::flac, SampleFormat::int24) == 1);
  CHECK(clipped(AudioFormat::mp3, SampleFormat::int16) == 1);
  CHECK(clipped(AudioFormat::wav, SampleFormat::float32) == 0);
  CHECK(clipped(AudioFormat::raw_f32, SampleFormat::float32) == 0);
}
