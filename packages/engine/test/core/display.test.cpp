// SPDX-License-Identifier: MIT
// What a player shows beside its sound: levels, and a display in shared memory.
#include "render/display.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "control/event_queue.hpp"

using namespace arranger;

namespace {

// Memory as a client has it: read by atomic loads, as JavaScript does.
struct Client {
  explicit Client(std::size_t scope) : words((display_scope_offset + scope * 2 * sizeof(float)) / 8) {}
  std::span<std::byte> span() { return std::as_writable_bytes(std::span(words)); }
  const DisplayMemory &memory() const { return *reinterpret_cast<const DisplayMemory *>(words.data()); }
  float scope(std::size_t channel, std::uint32_t frame) const {
    const std::uint32_t size = memory().scope_frames;
    const auto *cells = reinterpret_cast<const std::atomic<float> *>(reinterpret_cast<const std::byte *>(words.data()) +
                                                                     display_scope_offset);
    return cells[channel * size + (frame & (size - 1))].load(std::memory_order_relaxed);
  }
  std::vector<std::uint64_t> words;
};

Position at(std::int64_t frame) {
  Position out;
  out.playing = true;
  out.steady_frame = frame;
  out.song_frame = 2 * frame;
  out.beat = static_cast<double>(3 * frame);
  return out;
}

}  // namespace

TEST_CASE("every block is in exactly one window of a meter, both channels and all measures together") {
  Meter meter;
  constexpr int blocks = 200'000;
  std::atomic<bool> ended = false;
  std::thread audio([&] {
    const std::vector<float> left{1, 0}, right{0, 2};
    for (int i = 0; i < blocks; ++i) meter.add(measure(left.data(), right.data(), 2));
    ended = true;
  });
  Levels all;
  bool together = true;
  const auto take = [&] {
    const Levels window = meter.take();
    const auto frames = static_cast<double>(window.frames);
    together = together && window.squares[0] == frames / 2 && window.squares[1] == frames * 2;
    together = together && window.peak[0] == (window.frames > 0 ? 1 : 0) && window.peak[1] == 2 * window.peak[0];
    all.add(window);
  };
  while (!ended) take();
  audio.join();
  take();
  CHECK(together);
  CHECK(all.frames == 2 * blocks);
  CHECK(meter.take().frames == 0);
}

TEST_CASE("levels do not depend on how a sound is cut into blocks") {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> any(-1, 1);
  std::vector<float> left(10'000), right(left.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = any(random), right[i] = 0.1f * any(random);
  left[4321] = -1.5f;
  double squares = 0;
  for (const float sample : left) squares += static_cast<double>(sample) * static_cast<double>(sample);
  for (const std::int32_t size : {1, 3, 64, 127, 512, 10'000}) {
    Levels levels;
    for (std::int32_t from = 0; from < 10'000; from += size)
      levels.add(measure(&left[std::size_t(from)], &right[std::size_t(from)], std::min(size, 10'000 - from)));
    CHECK(levels.frames == 10'000);
    CHECK(levels.peak[0] == 1.5f);
    CHECK(levels.rms(0) == doctest::Approx(std::sqrt(squares / 10'000)).epsilon(1e-6));
    CHECK(levels.rms(1) < levels.peak[1]);
  }
}

TEST_CASE("a reader of a display never sees two blocks mixed, nor a scope that is written over") {
  auto display = std::make_shared<Display>();
  constexpr std::uint32_t scope = 8192, block = 2048;
  Client client(scope);
  REQUIRE(display->attach(client.span(), {}, 48000));
  CHECK(client.memory().scope_frames == scope);
  std::atomic<bool> ended = false;
  std::thread audio([&] {
    DisplayWriter writer(display, 48000);
    std::vector<float> left(block), right(block);
    for (std::int64_t frame = 0; frame < block * 4000; frame += block) {
      for (std::size_t i = 0; i < block; ++i) {
        left[i] = static_cast<float>((frame + static_cast<std::int64_t>(i)) % 65536);
        right[i] = -left[i];
      }
      writer.show(at(frame), measure(left.data(), right.data(), block), left.data(), right.data());
    }
    ended = true;
  });
  const DisplayMemory &memory = client.memory();
  constexpr std::uint32_t wanted_frames = 7000;  // a block in progress reaches into the oldest of these
  bool whole = true;
  std::int64_t reads = 0, scopes = 0;
  while (!ended || reads == 0 || scopes == 0) {
    const std::uint32_t before = memory.sequence;
    const double frame = memory.frame, song = memory.song_frame, beat = memory.beat;
    if (before % 2 == 0 && memory.sequence == before) {
      whole = whole && song == 2 * frame && beat == 3 * frame;
      ++reads;
    }
    const std::uint32_t written = memory.scope_written;
    if (written < wanted_frames) continue;
    std::vector<float> left, right;
    for (std::uint32_t i = written - wanted_frames; i < written; ++i)
      left.push_back(client.scope(0, i)), right.push_back(client.scope(1, i));
    if (memory.scope_begun - (written - wanted_frames) > scope) continue;  // written over meanwhile
    ++scopes;
    for (std::uint32_t i = 0; i < wanted_frames; ++i) {
      const auto expected = static_cast<float>((written - wanted_frames + i) % 65536);
      whole = whole && left[i] == expected && right[i] == -expected;
    }
  }
  audio.join();
  CHECK(whole);
}

TEST_CASE("the newest player that plays is shown, in the newest memory only, until it rests") {
  auto display = std::make_shared<Display>();
  Client first(0), second(16);
  const std::vector<float> loud(64, 0.5f);
  DisplayWriter older(display, 48000), newer(display, 44100);
  const auto show = [&](DisplayWriter &writer, std::int64_t frame) {
    writer.show(at(frame), measure(loud.data(), loud.data(), 64), loud.data(), loud.data());
  };
  show(older, 1);  // nobody looks
  REQUIRE(display->attach(first.span(), at(7), 48000));
  CHECK(first.memory().attached == 1);
  CHECK(first.memory().frame == 7);
  show(older, 2);
  CHECK(first.memory().frame == 2);
  CHECK(first.memory().peak[1] == 0.5f);
  CHECK(first.memory().rms[0] == 0.5f);
  show(newer, 3);
  show(older, 4);
  older.rest(at(5));
  CHECK(first.memory().frame == 3);
  CHECK(first.memory().sample_rate == 44100);
  REQUIRE(display->attach(second.span(), {}, 44100));
  show(newer, 6);
  CHECK(first.memory().frame == 3);
  CHECK(first.memory().attached == 0);
  CHECK(second.memory().frame == 6);
  CHECK(second.scope(1, 63) == 0.5f);
  newer.rest(at(8));
  CHECK(second.memory().playing == 0);
  CHECK(second.memory().peak[0] == 0);
  CHECK(second.memory().frame == 8);
  REQUIRE(display->attach({}, {}, 44100));
  CHECK(second.memory().attached == 0);
}

TEST_CASE("a peak is shown for as long as a display that looks 60 times a second needs to see it") {
  auto display = std::make_shared<Display>();
  Client client(0);
  REQUIRE(display->attach(client.span(), {}, 48000));
  DisplayWriter writer(display, 48000);
  const std::vector<float> silence(64), loud(64, 0.25f);
  int shown = 0;
  writer.show(at(0), measure(loud.data(), loud.data(), 64), loud.data(), loud.data());
  while (client.memory().peak[0] == 0.25f && shown < 1000)
    writer.show(at(++shown), measure(silence.data(), silence.data(), 64), silence.data(), silence.data());
  CHECK(shown * 64 >= 48000 / 60);
  CHECK(shown * 64 <= 48000 / 20 + 128);
}

TEST_CASE("memory that cannot be a display is refused and the one before stays") {
  Display display;
  Client client(0);
  REQUIRE(display.attach(client.span(), {}, 48000));
  CHECK_FALSE(display.attach(client.span().first(display_scope_offset - 8), {}, 48000));
  std::vector<std::uint64_t> odd(40);
  CHECK_FALSE(display.attach(std::as_writable_bytes(std::span(odd)).subspan(1, 200), {}, 48000));
  CHECK(client.memory().attached == 1);
}

TEST_CASE("a slow reader of events loses the oldest, and as many are counted") {
  int woken = 0;
  EventQueue queue([&] { ++woken; });
  for (std::size_t i = 0; i < EventQueue::capacity + 3; ++i) queue.push(std::to_string(i));
  CHECK(woken == 1);
  CHECK(queue.dropped() == 3);
  const auto events = queue.take();
  REQUIRE(events.size() == EventQueue::capacity);
  CHECK(events.front() == "3");
  CHECK(events.back() == std::to_string(EventQueue::capacity + 2));
  CHECK(queue.take().empty());
  queue.push("next");
  CHECK(woken == 2);
}
