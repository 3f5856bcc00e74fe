// SPDX-License-Identifier: MIT
// builtin.fluidsynth, played with a SoundFont whose presets are sines: the frequency tells which one sounds.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "harness.hpp"
#include "temporary_file.hpp"
#include "tiny_soundfont.hpp"

using namespace harness;
using arranger::test::TinySoundFont;

namespace {

constexpr double sample_rate = 44100;
constexpr int step = 64;
constexpr double melodic = 441, drums = 882, other_program = 1764, other_bank = 220.5;  // Hz, of key 60
const std::vector<arranger::test::TinyPreset> presets = {
    {.bank = 0, .program = 0, .period = 100},
    {.bank = 128, .program = 0, .period = 50},
    {.bank = 0, .program = 5, .period = 25},
    {.bank = 130, .program = 5, .period = 200},
};

class File : public TemporaryFile {
 public:
  explicit File(const std::string &bytes, const std::string &name = "tiny.sf2") : TemporaryFile(name, bytes) {}
};

const Library &library() {
  static const Library instance("fluidsynth");
  return instance;
}

class Player : public Instance {
 public:
  explicit Player(const File &font) : Instance(library(), {}, sample_rate, {{"sf2_path", font.path()}}) {}
};

const File &font() {
  static const File file(TinySoundFont(presets).bytes());
  return file;
}

std::string refusal(const std::string &path) {
  try {
    const Instance instance(library(), {}, sample_rate, {{"sf2_path", path}});
  } catch (const std::runtime_error &error) {
    return error.what();
  }
  return "";
}

// Whether this frequency, and no other, sounds from the second tenth of a second on.
bool sounds_at(const Samples &samples, double hertz) {
  const double level = rms(samples, 4410, 8820);
  return level > 1e-3 && amplitude_at(samples, hertz, sample_rate, 4410, 8820) > 1.2 * level;
}

// What the first note sounds like after this event.
Samples note_after(arr_event_type type, int channel, int key, double value) {
  Player player(font());
  player.event(0, type, channel, key, value);
  player.note_on(64, 60, 0.8, channel);
  return player.run(8820)[0];
}

int first_sound(const Samples &samples) {
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (samples[i] != 0.0f) return static_cast<int>(i);
  return -1;
}

// Notes and controllers on odd frames, with silence in between.
void play_phrase(Player &player) {
  std::mt19937 random(7);
  const auto pick = [&](int count) { return static_cast<int>(random() % static_cast<unsigned>(count)); };
  for (int i = 0; i < 60; ++i) {
    const int at = (i < 40 ? 0 : 90000) + pick(20000), channel = pick(4) == 0 ? 9 : pick(3), key = 40 + i;
    player.note_on(at, key, 0.2 + 0.8 * i / 60, channel);
    player.note_off(at + 1 + pick(3000), key, channel);
    player.event(pick(20000), ARR_EVENT_BEND, channel, 0, pick(201) / 100.0 - 1);
    player.event(pick(20000), ARR_EVENT_CC, channel, 10, pick(128) / 127.0);
    player.event(pick(20000), ARR_EVENT_PRESSURE, channel, 0, pick(128) / 127.0);
  }
}
constexpr int phrase_frames = 130001;

}  // namespace

TEST_CASE("fluidsynth: a note begins with the next step of 64 frames after reset") {
  Player player(font());
  player.note_on(100, 60);
  const auto out = player.run(4096, {511});
  CHECK(first_sound(out[0]) >= 2 * step);
  CHECK(first_sound(out[0]) < 3 * step);
  player.reset();
  player.note_on(128, 60);
  CHECK(player.run(4096, {33}) == out);
}

TEST_CASE("fluidsynth: the same samples however the calls are cut") {
  const auto phrase = [](const Cuts &cuts) {
    Player player(font());
    play_phrase(player);
    player.set("gain", 0.37);
    return player.run(phrase_frames, cuts);
  };
  const auto expected = phrase({128});
  CHECK(peak(expected[0]) > 0.01);
  for (const Cuts &cuts : {Cuts{1}, Cuts{64}, Cuts{511}, Cuts{4096}, random_cuts(1, phrase_frames, 3000),
                           random_cuts(2, phrase_frames, 300)})
    CHECK(phrase(cuts) == expected);
}

TEST_CASE("fluidsynth: after a reset it plays as if it were new") {
  for (const double effects : {0.0, 1.0}) {
    CAPTURE(effects);
    const auto phrase = [&](Player &player) {
      player.set("reverb", effects);
      player.set("chorus", effects);
      play_phrase(player);
      return player.run(phrase_frames);
    };
    Player fresh(font()), used(font());
    const auto expected = phrase(fresh);
    phrase(used);
    used.note_on(0, 60);
    used.event(10, ARR_EVENT_CC, 0, 7, 0.2);
    used.event(10, ARR_EVENT_PROGRAM, 1, 5, 0);
    used.run(1000);
    used.reset();
    CHECK(phrase(used) == expected);
  }
}

TEST_CASE("fluidsynth: an event that comes while it sleeps is on time") {
  for (const int size : {1, 32, 64, 100, 512}) {
    CAPTURE(size);
    Player player(font());
    CHECK(first_sound(player.run(5000, {size})[0]) == -1);
    CHECK(player.asleep());
    player.note_on(70, 60);  // frame 5070, so step 5120
    const int first = 5000 + first_sound(player.run(4000, {size})[0]);
    CHECK(first >= 5120);
    CHECK(first < 5120 + step);
  }
}

TEST_CASE("fluidsynth: programs, banks and drums") {
  const auto after_nothing = [](int channel) { return note_after(ARR_EVENT_CC, channel, 1, 0); };
  CHECK(sounds_at(after_nothing(0), melodic));
  CHECK(sounds_at(after_nothing(9), drums));
  CHECK(sounds_at(note_after(ARR_EVENT_PROGRAM, 0, 5, 0), other_program));
  CHECK(sounds_at(note_after(ARR_EVENT_PROGRAM, 9, 0, 0), drums));
  CHECK(sounds_at(note_after(ARR_EVENT_PROGRAM, 3, 0, 128), drums));
  CHECK(sounds_at(note_after(ARR_EVENT_PROGRAM, 3, 5, 130), other_bank));
}

TEST_CASE("fluidsynth: bend, volume and gain") {
  const double two_semitones = std::exp2(2.0 / 12);
  CHECK(sounds_at(note_after(ARR_EVENT_BEND, 0, 0, 8191.0 / 8192), melodic * two_semitones));
  CHECK(sounds_at(note_after(ARR_EVENT_BEND, 0, 0, -1), melodic / two_semitones));
  CHECK(sounds_at(note_after(ARR_EVENT_BEND, 0, 0, 0), melodic));
  CHECK(note_after(ARR_EVENT_VOLUME, 0, 0, 0.5) == note_after(ARR_EVENT_CC, 0, 7, 0.5));
  CHECK(peak(note_after(ARR_EVENT_VOLUME, 0, 0, 0)) < 1e-6);

  Player normal(font()), louder(font());
  CHECK(normal.default_of("gain") == 0.2);
  louder.set("gain", 0.4);
  normal.note_on(0, 60);
  louder.note_on(0, 60);
  const auto expected = normal.run(2000);
  const auto doubled = louder.run(2000);
  for (std::size_t i = 0; i < 2000; ++i) REQUIRE(doubled[1][i] == 2 * expected[1][i]);
}

TEST_CASE("fluidsynth: a file that is no SoundFont is refused by name") {
  const std::string font = TinySoundFont(presets).bytes();
  const File text("not a font"), empty(""), truncated(font.substr(0, font.size() / 2));
  CHECK(refusal(text.path()) == "not a SoundFont (SF2 or SF3): " + text.path());
  CHECK(refusal(empty.path()) == "not a SoundFont (SF2 or SF3): " + empty.path());
  CHECK(refusal(truncated.path()) == "the SoundFont is cut off after " + std::to_string(font.size() / 2) + " of " +
                                         std::to_string(font.size()) + " bytes: " + truncated.path());
  std::string broken_index = font;
  broken_index.replace(font.find("phdr"), 4, "xxxx");
  const File damaged(broken_index);
  CHECK(refusal(damaged.path()) == "the SoundFont is damaged: " + damaged.path());
  const std::string missing = text.path("missing.sf2");
  CHECK(refusal(missing) == "SoundFont not found: " + missing);
  CHECK(refusal(text.path("")) != "");
  const File renamed(font, "Schöne Töne 音.sf2");
  CHECK(refusal(renamed.path()) == "");
}

TEST_CASE("fluidsynth: silent without a SoundFont, and at rates it cannot render it says so") {
  Instance empty(library());
  empty.note_on(0, 60);
  CHECK(peak(empty.run(2000)[0]) == 0);
  CHECK_THROWS_WITH(Instance(library(), {}, 192000), "FluidSynth renders at 8000 to 96000 Hz, not at 192000 Hz");
}
