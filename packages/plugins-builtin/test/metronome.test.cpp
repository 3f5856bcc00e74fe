// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int beat = 24000;                    // frames, at 120 BPM and 48 kHz
constexpr double accent = 1.9952623149688795;  // 6 dB

const Library &library() {
  static const Library instance("metronome");
  return instance;
}

struct Click {
  int frame;
  double level;
};

// Where the sound begins after silence, and its peak until the next silence. A click is zero on its first frame, where
// both its sine and its attack begin.
std::vector<Click> clicks(const Samples &samples) {
  std::vector<Click> out;
  int silent = 100;
  for (int i = 0; i < static_cast<int>(samples.size()); ++i) {
    const auto level = static_cast<double>(std::abs(samples[static_cast<std::size_t>(i)]));
    if (level > 0 && silent >= 100) out.push_back({i - 1, 0});
    if (level > 0) out.back().level = std::max(out.back().level, level);
    silent = level > 0 ? 0 : silent + 1;
  }
  return out;
}

}  // namespace

TEST_CASE("metronome: clicks on the beats while the song plays, the first of a bar louder and higher") {
  Instance metronome(library());
  metronome.transport.play(beat, 0);
  metronome.transport.stop(10 * beat);
  const auto out = metronome.run(12 * beat);
  CHECK(out[0] == out[1]);
  const auto heard = clicks(out[0]);
  REQUIRE(heard.size() == 9);
  for (std::size_t n = 0; n < heard.size(); ++n) {
    CHECK(heard[n].frame == beat + static_cast<int>(n) * beat);
    CHECK(heard[n].level == near(0.25 * (n % 4 == 0 ? accent : 1), 0.05));
  }
  const auto tone = [&](int click, double hertz) {
    return amplitude_at(out[0], hertz, 48000, beat + click * beat, beat + click * beat + 960);
  };
  CHECK(tone(0, 1600) > 5 * tone(0, 1000));
  CHECK(tone(1, 1000) > 5 * tone(1, 1600));
}

TEST_CASE("metronome: the frames are those of the tempo map, in every signature") {
  struct Case {
    int numerator, denominator, subdivision;
  };
  for (const auto &[numerator, denominator, subdivision] :
       {Case{4, 4, 1}, Case{3, 4, 1}, Case{7, 8, 1}, Case{6, 8, 1}, Case{2, 2, 2}, Case{4, 4, 3}, Case{5, 4, 3}}) {
    CAPTURE(numerator);
    CAPTURE(denominator);
    CAPTURE(subdivision);
    Instance metronome(library());
    const std::vector<TempoChange> tempo{{0, 160}, {2.3, 73}, {6, 101.7}};
    metronome.transport.tempo(tempo);
    metronome.transport.signature(numerator, denominator);
    metronome.transport.play(0, 0);
    metronome.set("subdivision", subdivision);
    const auto heard = clicks(metronome.run(16 * beat)[0]);
    Transport song(48000);
    song.tempo(tempo);
    REQUIRE(heard.size() > 10);
    for (int n = 0; n < static_cast<int>(heard.size()); ++n) {
      const Click &click = heard[static_cast<std::size_t>(n)];
      REQUIRE(click.frame == song.frame_of(n * 4.0 / (denominator * subdivision)));
      const bool bar = n % (numerator * subdivision) == 0, whole = n % subdivision == 0;
      REQUIRE(click.level == near(0.25 * (bar ? accent : whole ? 1 : 0.25), 0.1));
    }
  }
}

TEST_CASE("metronome: bars begin where the song says") {
  Instance metronome(library());
  metronome.transport.signature(3, 4, 1.5);
  metronome.transport.play(0, 1.5);
  const auto heard = clicks(metronome.run(8 * beat)[0]);
  REQUIRE(heard.size() == 8);
  for (std::size_t n = 0; n < heard.size(); ++n) {
    CHECK(heard[n].frame == static_cast<int>(n) * beat);
    CHECK(heard[n].level == near(0.25 * (n % 3 == 0 ? accent : 1), 0.05));
  }
}

TEST_CASE("metronome: a loop and a seek move the clicks with the song") {
  Instance metronome(library());
  metronome.transport.play(0, 0);
  metronome.transport.play(2 * beat, 3);              // a loop back on to a beat: the fourth
  metronome.transport.play(2 * beat + 30000, 0.875);  // off the beat: 3000 frames before one
  const auto heard = clicks(metronome.run(5 * beat)[0]);
  REQUIRE(heard.size() == 6);
  const int expected[] = {0, beat, 2 * beat, 3 * beat, 2 * beat + 33000, 3 * beat + 33000};
  for (std::size_t n = 0; n < heard.size(); ++n) CHECK(heard[n].frame == expected[n]);
  CHECK(heard[2].level == near(0.25, 0.05));
  CHECK(heard[3].level == near(0.25 * accent, 0.05));
}

TEST_CASE("metronome: switched off it begins no click, and its parameters are heard") {
  Instance metronome(library());
  metronome.transport.play(0, 1);
  metronome.set("enabled", 0);
  CHECK(peak(metronome.run(4 * beat)[0]) == 0.0);
  metronome.set("enabled", 1);
  metronome.set("gain", 1);
  metronome.set("accent", 0);
  metronome.set("pitch", 440);
  const auto out = metronome.run(beat)[0];
  CHECK(peak(out) == near(1.0, 0.1));
  CHECK(amplitude_at(out, 440, 48000, 0, 1200) > 5 * amplitude_at(out, 1000, 48000, 0, 1200));
  CHECK(peak(out, static_cast<int>(metronome.tail_frames())) == 0.0);
}

TEST_CASE("metronome: begins with the song, though nothing wakes it") {
  Instance metronome(library());
  metronome.run(beat);
  metronome.transport.play(100, 0);
  CHECK(clicks(metronome.run(beat)[0]).at(0).frame == 100);
}
