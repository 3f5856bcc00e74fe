// SPDX-License-Identifier: MIT
// Where a render ends, and what its outline shows.
#include "render/length.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "render/analysis.hpp"

using namespace arranger;

namespace {

constexpr int rate = 1000;

// Frames of a signal whose left channel is `level(frame)`, in pieces of `size`.
template <class Level>
RenderLength run(RenderLength length, std::int64_t size, Level level) {
  std::vector<float> block(2 * static_cast<std::size_t>(size));
  while (!length.ended()) {
    for (std::int64_t i = 0; i < size; ++i) block[2 * static_cast<std::size_t>(i)] = level(length.frames() + i);
    const std::int64_t before = length.frames();
    const std::int64_t taken = length.take(block.data(), size);
    CHECK(length.frames() == before + taken);
    if (taken < size) CHECK(length.ended());
  }
  return length;
}

}  // namespace

TEST_CASE("a fixed length is what it says") {
  for (const std::int64_t size : {1, 7, 512}) {
    const auto length = run(RenderLength::fixed(1234), size, [](std::int64_t) { return 1.0f; });
    CHECK(length.frames() == 1234);
    CHECK(!length.cut());
  }
}

TEST_CASE("a tail ends on the exact frame, half a second after the last sound, however it is cut") {
  const auto sounds_until = [](std::int64_t end) {
    return [end](std::int64_t frame) { return frame < end && frame % 10 == 0 ? 0.1f : RenderLength::quiet / 2; };
  };
  for (const std::int64_t size : {1, 7, 64, 5000}) {
    CAPTURE(size);
    // The last sound is on frame 3990.
    auto length = run(RenderLength::until_silence(2000, rate), size, sounds_until(4000));
    CHECK(length.frames() == 3991 + 500);
    CHECK(!length.cut());
    // What is quiet before the end of the song does not count.
    length = run(RenderLength::until_silence(2000, rate), size, sounds_until(100));
    CHECK(length.frames() == 2500);
    // The level counts as sound from the limit on.
    length = run(RenderLength::until_silence(2000, rate), size,
                 [](std::int64_t frame) { return frame < 3000 ? RenderLength::quiet : 0; });
    CHECK(length.frames() == 3500);
  }
}

TEST_CASE("a tail that never ends is cut after a minute, and one that just ends is not") {
  const auto cut = run(RenderLength::until_silence(2000, rate), 512, [](std::int64_t) { return 0.1f; });
  CHECK(cut.frames() == 62000);
  CHECK(cut.cut());
  const auto just =
      run(RenderLength::until_silence(2000, rate), 512, [](std::int64_t frame) { return frame < 61500 ? 0.1f : 0; });
  CHECK(just.frames() == 62000);
  CHECK(!just.cut());
}

TEST_CASE("the ratio of what is done to what is expected never falls") {
  std::vector<float> block(2 * 64);
  auto length = RenderLength::until_silence(2000, rate);
  double before = 0;
  for (int i = 0; !length.ended(); ++i) {
    std::ranges::fill(block, i % 5 == 0 && i < 100 ? 0.1f : 0.0f);
    length.take(block.data(), 64);
    const double ratio = static_cast<double>(length.frames()) / static_cast<double>(length.expected());
    CHECK(ratio >= before);
    CHECK(ratio <= 1);
    before = ratio;
  }
  CHECK(before == 1);
}

TEST_CASE("an outline has the peaks where they are, of any length") {
  for (const int frames : {1, 100, 512, 5000, 8192, 8193, 100000, 1000000}) {
    CAPTURE(frames);
    Outline outline;
    const int at = frames * 3 / 4;
    for (int i = 0; i < frames; ++i) outline.add(i == at ? 1.0f : 0.25f);
    const auto peaks = outline.peaks(512);
    REQUIRE(peaks.size() == 512);
    const auto highest = std::ranges::max_element(peaks) - peaks.begin();
    CHECK(peaks[static_cast<std::size_t>(highest)] == 1);
    CHECK(static_cast<double>(highest) / 512 == doctest::Approx(static_cast<double>(at) / frames).epsilon(0.01));
    CHECK(std::ranges::min(peaks) == (frames == 1 ? 1 : 0.25));
    CHECK(std::ranges::count(peaks, 1.0) <= std::max(2, 512 / frames + 1));
  }
}
