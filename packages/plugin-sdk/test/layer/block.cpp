// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "host.hpp"

using namespace arranger;

namespace {

// What a plugin is told about the song, frame by frame.
struct Told {
  std::int64_t song_frame;
  std::int64_t sixteenth;
  double beat;
  bool operator==(const Told &) const = default;
};

class Listener final : public Plugin {
 public:
  static inline std::vector<Told> told;
  static inline std::vector<std::int64_t> quarters;  // steady frames
  static inline std::vector<std::int64_t> relative;  // frames of beat 2, per block
  static inline std::vector<std::int64_t> counts;    // frames since reset, per block

 private:
  MonoOut out{*this, "out", "Out"};
  void process(const Block &block) override {
    out.set_silent();
    for (Frame i : block) told.push_back({block.song_frame(i), block.step_at(i, 0.25), block.beat_at(i)});
    counts.push_back(block.frames_since_reset);
    relative.push_back(block.frame_of_beat(2));
    for (std::int64_t n = block.song_frame() == 0 ? 0 : block.step_at(-1, 1) + 1;; ++n) {
      const std::int64_t frame = block.frame_of_beat(static_cast<double>(n));
      if (frame >= block.frames) break;
      quarters.push_back(block.steady_frame + frame);
    }
  }
};

// 997 frames per quarter note and a third, up to beat 4; half of that afterwards.
double frames_of(double beat) { return beat < 4 ? beat * 997 / 1.5 : 4 * 997 / 1.5 + (beat - 4) * 997 / 3; }
double beat_of(double frame) { return frame < frames_of(4) ? frame * 1.5 / 997 : 4 + (frame - frames_of(4)) * 3 / 997; }

void play(const std::vector<int> &cuts, int frames) {
  Listener::told.clear();
  Listener::quarters.clear();
  Listener::relative.clear();
  Hosted<Listener> listener;
  listener.transport.flags = ARR_TRANSPORT_PLAYING;
  listener.transport.frame_of_beat = [](const arr_transport *, double beat) {
    return static_cast<std::int64_t>(std::floor(frames_of(beat) + 0.5));
  };
  std::size_t cut = 0;
  for (int at = 0; at < frames;) {
    const int now = std::min(cuts[cut++ % cuts.size()], frames - at);
    listener.transport.song_frame = at;
    listener.transport.beat = beat_of(at);
    listener.process(now);
    at += now;
  }
}

}  // namespace

TEST_CASE("the song's position is the same for every frame however calls are cut") {
  constexpr int frames = 6000;
  play({128}, frames);
  const auto told = Listener::told;
  const auto quarters = Listener::quarters;
  REQUIRE(told.size() == frames);
  REQUIRE(quarters.size() == 15);
  for (const auto &cuts : {std::vector<int>{1}, {7}, {512}, {1, 300, 17, 129}}) {
    play(cuts, frames);
    CHECK(Listener::told == told);
    CHECK(Listener::quarters == quarters);
  }
}

TEST_CASE("beats fall on the frames that the transport says") {
  play({100}, 6000);
  for (std::size_t n = 0; n < Listener::quarters.size(); ++n)
    CHECK(Listener::quarters[n] == std::floor(frames_of(static_cast<double>(n)) + 0.5));
  CHECK(Listener::relative[0] == 1329);
  CHECK(Listener::relative[1] == 1229);
  CHECK(Listener::relative[20] == -671);
}

TEST_CASE("step_at is the last line at or before a frame, beat_at a line from beat to beat") {
  play({64}, 6000);
  for (std::size_t i = 0; i < Listener::told.size(); ++i) {
    const Told &now = Listener::told[i];
    const auto frame = static_cast<std::int64_t>(i);
    REQUIRE(now.song_frame == frame);
    REQUIRE(std::floor(frames_of(static_cast<double>(now.sixteenth) * 0.25) + 0.5) <= frame);
    REQUIRE(std::floor(frames_of(static_cast<double>(now.sixteenth + 1) * 0.25) + 0.5) > frame);
    REQUIRE(std::abs(now.beat - beat_of(static_cast<double>(frame))) < 0.5 / 332);  // one rounding of a frame
  }
  CHECK(Listener::told[static_cast<std::size_t>(Listener::quarters[3])].beat == 3.0);
}

TEST_CASE("frames are counted from the first after a reset, through sleep and whatever the steady frame is") {
  Hosted<Listener> listener;
  listener.transport.frame_of_beat = [](const arr_transport *, double) { return std::int64_t{1'000'000}; };
  listener.steady_frame = 5000;
  Listener::counts.clear();
  listener.process(300);
  listener.steady_frame += 1000;  // as if asleep
  listener.process(10);
  CHECK(Listener::counts == std::vector<std::int64_t>{0, 128, 256, 1300});
  listener.plugin->reset(listener.plugin);
  listener.process(10);
  CHECK(Listener::counts.back() == 0);
}

TEST_CASE("a song that stands still stays where it is") {
  Listener::told.clear();
  Hosted<Listener> listener;
  listener.transport.song_frame = 100;
  listener.transport.frame_of_beat = [](const arr_transport *, double beat) {
    return static_cast<std::int64_t>(beat * 1000);
  };
  listener.process(300);
  REQUIRE(Listener::told.size() == 300);
  CHECK(Listener::told[0].song_frame == 100);
  CHECK(Listener::told[299].song_frame == 100);
  CHECK(Listener::relative.back() == 1900);
}
