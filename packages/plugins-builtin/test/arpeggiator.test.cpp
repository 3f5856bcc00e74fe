// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <doctest/doctest.h>

using namespace harness;

namespace {

constexpr int beat = 24000;  // frames, at 120 BPM and 48 kHz
enum { up, down, up_down, random_order, as_played };
enum { off, filter, walk };

const Library &library() {
  static const Library instance("arpeggiator");
  return instance;
}

struct Played {
  int from, to, key, channel;
  double velocity;
  bool operator==(const Played &) const = default;
};

// The notes of the last run, each with its end. There is one at a time, and each begins and ends once.
std::vector<Played> notes(const Instance &arp) {
  std::vector<Played> out;
  bool sounds = false;
  for (const arr_event &event : arp.sent("events_out")) {
    if (event.type == ARR_EVENT_NOTE_ON) {
      REQUIRE_FALSE(sounds);
      out.push_back({event.frame, -1, event.key, event.channel, event.value});
      sounds = true;
    } else if (event.type == ARR_EVENT_NOTE_OFF) {
      REQUIRE(sounds);
      REQUIRE(event.key == out.back().key);
      REQUIRE(event.channel == out.back().channel);
      REQUIRE(event.frame > out.back().from);
      out.back().to = event.frame;
      sounds = false;
    }
  }
  REQUIRE_FALSE(sounds);
  return out;
}

std::vector<int> keys(const Instance &arp) {
  std::vector<int> out;
  for (const Played &note : notes(arp)) out.push_back(note.key);
  return out;
}

using Setting = std::pair<std::string, double>;
using Settings = std::vector<Setting>;

// What `steps` steps play while these keys are held, pressed in this order.
std::vector<int> steps(int count, const std::vector<int> &held, const Settings &settings) {
  Instance arp(library());
  for (const auto &[param, value] : settings) arp.set(param, value);
  arp.transport.play(0, 0);
  for (const int key : held) arp.note_on(0, key);
  arp.run(count * beat / 4);
  return keys(arp);
}

// Every way of cutting that a test compares with one call per 128 frames.
std::vector<Cuts> all_cuts(int frames) {
  std::vector<Cuts> out{{1}, {7}, {64}, {511}, {4096}};
  for (std::uint32_t seed = 1; seed <= 4; ++seed) out.push_back(random_cuts(seed, frames, 5000));
  return out;
}

}  // namespace

TEST_CASE("arpeggiator: step k is on the frame of beat k * rate, whatever the tempo does and however calls are cut") {
  const int frames = 20 * beat;
  const std::vector<int> chord{60, 64, 67};
  const auto play = [&](double rate, const Cuts &cuts) {
    Instance arp(library());
    arp.transport.tempo({{0, 120}, {1.5, 90}, {3.1, 171.3}, {9, 60.7}});
    arp.transport.play(0, 0);
    arp.set("rate", rate);
    for (const int key : chord) arp.note_on(0, key, 0.5);
    for (const int key : chord) arp.note_off(frames - 1, key);
    arp.run(frames, cuts);
    return notes(arp);
  };
  Transport song(48000);
  song.tempo({{0, 120}, {1.5, 90}, {3.1, 171.3}, {9, 60.7}});
  for (const double rate : {0.0625, 0.25, 0.35, static_cast<double>(0.3217f), 1.0, 4.0}) {
    CAPTURE(rate);
    const auto played = play(rate, {128});
    for (std::size_t k = 0; k + 1 < played.size(); ++k) {
      const auto step = static_cast<double>(k);
      REQUIRE(played[k].from == song.frame_of(step * rate));
      REQUIRE(played[k].to == song.frame_of((step + static_cast<double>(0.8f)) * rate));
      REQUIRE(played[k].key == chord[k % 3]);
      REQUIRE(played[k].velocity == 0.5);
    }
    const double last = std::ceil(song.beat_of(frames - 1) / rate);
    REQUIRE(played.size() == static_cast<std::size_t>(last));
    for (const Cuts &cuts : all_cuts(frames)) {
      CAPTURE(cuts.front());
      REQUIRE(play(rate, cuts) == played);
    }
  }
}

TEST_CASE("arpeggiator: after a loop and a seek a step plays what it plays without") {
  const int frames = 12 * beat;
  const auto play = [&](bool jumps, const Cuts &cuts) {
    Instance arp(library());
    arp.set("pattern", random_order);
    arp.transport.play(0, 0);
    if (jumps) {
      arp.transport.play(3 * beat + 4321, 1);  // 4321 frames after beat 3, in the middle of a step
      arp.transport.play(5 * beat, 7.7);
    }
    for (const int key : {48, 55, 60, 64, 71}) arp.note_on(0, key);
    for (const int key : {48, 55, 60, 64, 71}) arp.note_off(frames - 1, key);
    arp.run(frames, cuts);
    return notes(arp);
  };
  const auto straight = play(false, {128});
  const auto jumped = play(true, {128});
  for (const Cuts &cuts : all_cuts(frames)) REQUIRE(play(true, cuts) == jumped);

  const auto key_at = [&](int song_frame) {
    for (const Played &note : straight)
      if (note.from == song_frame) return note.key;
    return -1;
  };
  int checked = 0, cut = 0;
  for (const Played &note : jumped) {
    const int song_frame = note.from < 3 * beat + 4321 ? note.from
                           : note.from < 5 * beat      ? note.from - (3 * beat + 4321) + beat
                                                       : note.from - 5 * beat + 7 * beat + 7 * beat / 10;
    if (song_frame >= frames) break;
    CHECK(note.key == key_at(song_frame));
    ++checked;
    if (note.to == 3 * beat + 4321) ++cut;
  }
  CHECK(checked > 25);
  CHECK(cut == 1);  // the note that sounded ended with the jump
  CHECK(jumped[13].from == 3 * beat + 4321);
}

TEST_CASE("arpeggiator: triplets and septuplets are on the beat after hours") {
  for (const int parts : {3, 5, 6, 7, 12}) {
    CAPTURE(parts);
    Instance arp(library());
    arp.set("rate", 1.0 / parts);
    arp.transport.play(0, 29999);
    arp.note_on(0, 60);
    arp.note_off(3 * beat, 60);
    arp.run(3 * beat + 1);
    const auto played = notes(arp);
    REQUIRE(played.size() == static_cast<std::size_t>(3 * parts));
    for (int n = 0; n < 3; ++n) CHECK(played[static_cast<std::size_t>(n * parts)].from == n * beat);
  }
}

TEST_CASE("arpeggiator: patterns") {
  const std::vector<int> chord{64, 60, 67, 72};
  CHECK(steps(6, chord, {{"pattern", up}}) == std::vector{60, 64, 67, 72, 60, 64});
  CHECK(steps(6, chord, {{"pattern", down}}) == std::vector{72, 67, 64, 60, 72, 67});
  CHECK(steps(8, chord, {{"pattern", up_down}}) == std::vector{60, 64, 67, 72, 67, 64, 60, 64});
  CHECK(steps(6, chord, {{"pattern", as_played}}) == std::vector{64, 60, 67, 72, 64, 60});
  CHECK(steps(3, {60}, {{"pattern", up_down}}) == std::vector{60, 60, 60});
  CHECK(steps(4, {60, 62}, {{"pattern", up_down}}) == std::vector{60, 62, 60, 62});

  const auto random = steps(400, chord, {{"pattern", random_order}});
  CHECK(random == steps(400, chord, {{"pattern", random_order}}));
  for (const int key : chord) {
    const auto count = std::count(random.begin(), random.end(), key);
    CHECK(count > 70);
    CHECK(count < 130);
  }
}

TEST_CASE("arpeggiator: octaves repeat the pattern upward and end with the keyboard") {
  CHECK(steps(7, {60, 64}, {{"octaves", 3}}) == std::vector{60, 64, 72, 76, 84, 88, 60});
  CHECK(steps(4, {60, 64}, {{"octaves", 2}, {"pattern", down}}) == std::vector{76, 72, 64, 60});
  CHECK(steps(5, {64, 60}, {{"octaves", 2}, {"pattern", as_played}}) == std::vector{64, 60, 76, 72, 64});
  CHECK(steps(4, {110, 119}, {{"octaves", 4}}) == std::vector{110, 119, 122, 110});
}

TEST_CASE("arpeggiator: scales filter the held notes, from every root") {
  const std::vector<std::vector<int>> scales = {
      {0, 2, 4, 5, 7, 9, 11}, {0, 2, 3, 5, 7, 8, 10}, {0, 2, 3, 5, 7, 9, 10},    {0, 1, 3, 5, 7, 8, 10},
      {0, 2, 4, 6, 7, 9, 11}, {0, 2, 4, 5, 7, 9, 10}, {0, 2, 4, 7, 9},           {0, 3, 5, 7, 10},
      {0, 3, 5, 6, 7, 10},    {0, 2, 4, 6, 8, 10},    {0, 2, 3, 5, 6, 8, 9, 11}, {0, 2, 3, 5, 7, 8, 11}};
  std::vector<int> chromatic;
  for (int key = 60; key < 72; ++key) chromatic.push_back(key);
  for (int scale = 0; scale < 12; ++scale)
    for (int root = 0; root < 12; ++root) {
      CAPTURE(scale);
      CAPTURE(root);
      std::set<int> expected;
      for (const int tone : scales[static_cast<std::size_t>(scale)]) expected.insert(60 + (tone + root) % 12);
      const Settings settings{{"scale_mode", filter}, {"scale", scale}, {"root", root}};
      CHECK(steps(static_cast<int>(expected.size()), chromatic, settings) ==
            std::vector(expected.begin(), expected.end()));
    }
  CHECK(steps(4, {61, 63}, {{"scale_mode", filter}}).empty());
}

TEST_CASE("arpeggiator: walks the scale between the outer notes") {
  const Settings settings{{"scale_mode", walk}};
  CHECK(steps(6, {60, 67}, settings) == std::vector{60, 62, 64, 65, 67, 60});
  CHECK(steps(4, {61, 66}, settings) == std::vector{62, 64, 65, 62});
  CHECK(steps(3, {60, 64}, {{"scale_mode", walk}, {"pattern", as_played}}) == std::vector{60, 62, 64});
  CHECK(steps(3, {64, 60}, {{"scale_mode", walk}, {"pattern", as_played}}) == std::vector{64, 62, 60});
  CHECK(steps(4, {60, 62}, {{"scale_mode", walk}, {"octaves", 2}}) == std::vector{60, 62, 72, 74});
  CHECK(steps(4, {61}, settings).empty());

  Instance arp(library());
  arp.set("scale_mode", walk);
  arp.transport.play(0, 0);
  arp.note_on(0, 60, 0.25, 3);
  arp.note_on(0, 64, 0.75, 5);
  arp.run(3 * beat / 4);
  const auto played = notes(arp);
  REQUIRE(played.size() == 3);
  CHECK(played[1] == Played{beat / 4, played[1].to, 62, 3, 0.25});
  CHECK(played[2] == Played{beat / 2, played[2].to, 64, 5, 0.75});
}

TEST_CASE("arpeggiator: velocity is the held note's, or the parameter's") {
  Instance arp(library());
  arp.transport.play(0, 0);
  arp.note_on(0, 60, 0.25, 2);
  arp.note_on(0, 62, 0.5, 9);
  arp.run(beat / 2);
  CHECK(notes(arp)[0].velocity == 0.25);
  CHECK(notes(arp)[1].velocity == 0.5);
  CHECK(notes(arp)[1].channel == 9);
  arp.set("velocity", 96);
  arp.run(beat / 2);
  CHECK(notes(arp)[0].velocity == near(96.0 / 127, 1e-6));
}

TEST_CASE("arpeggiator: a note ends when the last key is released, when the song stops or jumps, and after a reset") {
  const int sounding = 1000;  // a frame in the first note, which is 4800 frames long
  const auto begin = [](Instance &arp) {
    arp.transport.play(0, 0);
    arp.note_on(0, 60);
    arp.note_on(0, 64);
  };
  const auto first_end = [](const Instance &arp) {
    for (const arr_event &event : arp.sent("events_out"))
      if (event.type == ARR_EVENT_NOTE_OFF) return event.frame;
    return -1;
  };
  SUBCASE("released") {
    Instance arp(library());
    begin(arp);
    arp.note_off(500, 60);
    arp.note_off(sounding, 64);
    arp.run(beat);
    CHECK(first_end(arp) == sounding);
    CHECK(notes(arp).size() == 1);
    CHECK(arp.asleep());
  }
  SUBCASE("all notes off") {
    Instance arp(library());
    begin(arp);
    arp.event(sounding, ARR_EVENT_CC, 0, 123, 0);
    arp.run(beat);
    CHECK(first_end(arp) == sounding);
    CHECK(arp.asleep());
  }
  SUBCASE("one of two released") {
    Instance arp(library());
    begin(arp);
    arp.note_off(sounding, 60);
    arp.run(beat / 4);
    CHECK(first_end(arp) == 4800);
  }
  SUBCASE("stopped, and played by hand from there") {
    Instance arp(library());
    begin(arp);
    arp.transport.stop(sounding);
    arp.run(sounding + beat / 4);
    CHECK(first_end(arp) == sounding);
    CHECK(notes(arp).at(1).from == sounding);
  }
  SUBCASE("jumped") {
    for (const double to : {4.125, 0.875}) {  // forward and back, 3000 frames before a step
      Instance arp(library());
      arp.transport.play(0, 2);
      arp.note_on(0, 60);
      arp.transport.play(sounding, to);
      arp.run(10000);
      CHECK(first_end(arp) == sounding);
      CHECK(notes(arp).at(1).from == sounding + beat / 8);
    }
  }
  SUBCASE("reset") {
    Instance arp(library());
    begin(arp);
    arp.run(sounding);
    CHECK(first_end(arp) == -1);
    arp.reset();
    arp.run(beat);
    REQUIRE(arp.sent("events_out").size() == 1);
    CHECK(first_end(arp) == 0);
  }
  SUBCASE("a key pressed twice is released twice") {
    Instance arp(library());
    arp.transport.play(0, 0);
    arp.note_on(0, 60);
    arp.note_on(0, 60);
    arp.note_off(100, 60);
    arp.run(beat / 2);
    CHECK(notes(arp).size() == 2);
    arp.note_off(0, 60);
    arp.run(beat);
    CHECK(notes(arp).empty());
    CHECK(arp.asleep());
  }
}

TEST_CASE("arpeggiator: while the song is stopped it runs from the first key on, at the song's tempo") {
  const int frames = 3 * beat, first = 777;
  const auto play = [&](const Cuts &cuts) {
    Instance arp(library());
    arp.set("gate", 0.5);
    arp.transport.tempo({{0, 90}});
    arp.note_on(first, 60);
    arp.note_on(first + 10000, 64);
    arp.note_off(frames - 10, 60);
    arp.note_off(frames - 10, 64);
    arp.run(frames, cuts);
    return notes(arp);
  };
  const auto played = play({128});
  REQUIRE(played.size() == 9);
  for (std::size_t k = 0; k < played.size(); ++k) {
    CHECK(played[k].from == first + static_cast<int>(k) * 8000);
    if (k < 8) CHECK(played[k].to == played[k].from + 4000);
    CHECK(played[k].key == (k > 1 && k % 2 == 1 ? 64 : 60));
  }
  for (const Cuts &cuts : all_cuts(frames)) CHECK(play(cuts) == played);
}

TEST_CASE("arpeggiator: a gate of 1 leaves no gap, and the end comes before the next beginning") {
  Instance arp(library());
  arp.set("gate", 1);
  arp.transport.tempo({{0, 133.7}});
  arp.transport.play(0, 0);
  arp.note_on(0, 60);
  arp.note_off(10 * beat, 60);
  arp.run(10 * beat + 1);
  const auto played = notes(arp);
  for (std::size_t k = 1; k < played.size(); ++k) CHECK(played[k - 1].to == played[k].from);
}

TEST_CASE("arpeggiator: events that are no notes pass, on their frames") {
  Instance arp(library());
  arp.event(10, ARR_EVENT_PROGRAM, 3, 42, 1);
  arp.event(5000, ARR_EVENT_BEND, 3, 0, -0.5);
  arp.event(9000, ARR_EVENT_POLY_PRESSURE, 3, 60, 0.5);  // of a note that is not there
  arp.run(beat);
  REQUIRE(arp.sent("events_out").size() == 2);
  CHECK(arp.sent("events_out")[0].frame == 10);
  CHECK(arp.sent("events_out")[0].key == 42);
  CHECK(arp.sent("events_out")[1].frame == 5000);
  CHECK(arp.sent("events_out")[1].value == -0.5);
}

TEST_CASE("arpeggiator: every key of every channel may be held") {
  Instance arp(library());
  arp.set("rate", 0.0625);
  arp.transport.play(0, 0);
  for (int channel = 0; channel < 16; ++channel)
    for (int key = 0; key < 128; ++key) arp.note_on(0, key, 1, channel);
  arp.run(1500 * 2048, {4096});
  std::set<std::pair<int, int>> different;
  for (const Played &note : notes(arp)) different.insert({note.channel, note.key});
  CHECK(different.size() == 2048);
}
