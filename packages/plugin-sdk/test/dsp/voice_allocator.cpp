// SPDX-License-Identifier: MIT
#include <arranger/dsp/voice_allocator.hpp>

#include <doctest/doctest.h>
#include <vector>

using namespace arranger::dsp;

namespace {

struct TestVoice {
  bool active = false;
  bool released = false;
  float loudness = 0.0f;
  int key = -1;

  bool is_active() const { return active; }
  float level() const { return loudness; }
};

struct PlainVoice {
  bool active = false;
  bool is_active() const { return active; }
};

template <class Allocator>
TestVoice &play(Allocator &voices, std::uint32_t id, int key, float loudness = 1.0f, int channel = 0) {
  TestVoice &voice = voices.note_on(id, channel, key);
  voice = {.active = true, .released = false, .loudness = loudness, .key = key};
  return voice;
}

const auto release = [](TestVoice &voice) { voice.released = true; };

}  // namespace

TEST_CASE("notes go to voices that do not sound, first in the array first") {
  VoiceAllocator<TestVoice, 3> voices;
  CHECK(&play(voices, 1, 60) == &voices.voices()[0]);
  CHECK(&play(voices, 2, 62) == &voices.voices()[1]);
  voices.voices()[0].active = false;
  CHECK(&play(voices, 3, 64) == &voices.voices()[0]);
  CHECK(voices.active_count() == 2);
}

TEST_CASE("the oldest is stolen") {
  VoiceAllocator<TestVoice, 3> voices(Steal::oldest);
  for (std::uint32_t id = 1; id <= 3; ++id) play(voices, id, 59 + static_cast<int>(id), id == 2 ? 0.1f : 1.0f);
  CHECK(&play(voices, 4, 70) == &voices.voices()[0]);
  CHECK(&play(voices, 5, 71) == &voices.voices()[1]);
  CHECK(voices.find(1) == nullptr);
  CHECK(voices.find(4)->key == 70);
}

TEST_CASE("the quietest is stolen when asked for, the first of equals") {
  VoiceAllocator<TestVoice, 3> voices(Steal::quietest);
  play(voices, 1, 60, 0.9f);
  play(voices, 2, 61, 0.2f);
  play(voices, 3, 62, 0.5f);
  CHECK(&play(voices, 4, 63, 0.9f) == &voices.voices()[1]);
  CHECK(&play(voices, 5, 64, 0.9f) == &voices.voices()[2]);
  CHECK(&play(voices, 6, 65, 0.9f) == &voices.voices()[0]);
}

TEST_CASE("released voices are stolen before held ones, whatever their age and level") {
  for (const Steal steal : {Steal::oldest, Steal::quietest}) {
    VoiceAllocator<TestVoice, 3> voices(steal);
    play(voices, 1, 60, 0.1f);
    play(voices, 2, 61, 0.2f);
    play(voices, 3, 62, 0.9f);
    CHECK(voices.note_off(3, 0, 62, release));
    CHECK(&play(voices, 4, 63) == &voices.voices()[2]);
  }
}

TEST_CASE("a voice without a level is stolen by age") {
  VoiceAllocator<PlainVoice, 2> voices(Steal::quietest);
  voices.note_on(1, 0, 60).active = true;
  voices.note_on(2, 0, 61).active = true;
  CHECK(&voices.note_on(3, 0, 62) == &voices.voices()[0]);
}

TEST_CASE("note_off by id ends that note and no other") {
  VoiceAllocator<TestVoice, 4> voices;
  TestVoice &first = play(voices, 1, 60);
  TestVoice &second = play(voices, 2, 60);
  CHECK(voices.note_off(2, 0, 60, release));
  CHECK_FALSE(first.released);
  CHECK(second.released);
  CHECK_FALSE(voices.note_off(2, 0, 60, release));
  CHECK_FALSE(voices.note_off(99, 0, 60, release));
}

TEST_CASE("note_off without an id ends the oldest of its channel and key") {
  VoiceAllocator<TestVoice, 4> voices;
  TestVoice &other_channel = play(voices, 0, 60, 1.0f, 1);
  TestVoice &oldest = play(voices, 0, 60);
  TestVoice &newest = play(voices, 0, 60);
  CHECK(voices.note_off(0, 0, 60, release));
  CHECK(oldest.released);
  CHECK_FALSE(newest.released);
  CHECK(voices.note_off(0, 0, 60, release));
  CHECK(newest.released);
  CHECK_FALSE(other_channel.released);
  CHECK_FALSE(voices.note_off(0, 0, 61, release));
}

TEST_CASE("a stolen note's off does not touch the note that took its voice") {
  VoiceAllocator<TestVoice, 1> voices;
  play(voices, 1, 60);
  TestVoice &voice = play(voices, 2, 62);
  CHECK_FALSE(voices.note_off(1, 0, 60, release));
  CHECK_FALSE(voice.released);
}

TEST_CASE("a voice that ended by itself is no longer held") {
  VoiceAllocator<TestVoice, 2> voices;
  play(voices, 1, 60).active = false;
  CHECK_FALSE(voices.note_off(1, 0, 60, release));
  CHECK(voices.find(1) == nullptr);
}

TEST_CASE("release_all, of one channel or of all") {
  VoiceAllocator<TestVoice, 4> voices;
  TestVoice &a = play(voices, 1, 60, 1.0f, 0);
  TestVoice &b = play(voices, 2, 61, 1.0f, 1);
  voices.release_all(release, 1);
  CHECK_FALSE(a.released);
  CHECK(b.released);
  voices.release_all(release);
  CHECK(a.released);
}

TEST_CASE("for_each_active goes through the array in order, with the channel if asked for") {
  VoiceAllocator<TestVoice, 4> voices;
  for (std::uint32_t id = 1; id <= 4; ++id) play(voices, id, static_cast<int>(id), 1.0f, static_cast<int>(id) + 5);
  voices.voices()[1].active = false;
  std::vector<int> keys, channels;
  voices.for_each_active([&](TestVoice &voice) { keys.push_back(voice.key); });
  voices.for_each_active([&](TestVoice &, int channel) { channels.push_back(channel); });
  CHECK(keys == std::vector<int>{1, 3, 4});
  CHECK(channels == std::vector<int>{6, 8, 9});
  CHECK(voices.key_of(voices.voices()[2]) == 3);
  CHECK(voices.channel_of(voices.voices()[2]) == 8);
}

TEST_CASE("reset forgets all notes") {
  VoiceAllocator<TestVoice, 2> voices;
  play(voices, 1, 60);
  voices.reset();
  CHECK(voices.find(1) == nullptr);
  CHECK_FALSE(voices.note_off(1, 0, 60, release));
}
