// SPDX-License-Identifier: MIT
// My Plugin: plays every note once more, an interval higher or lower.
#include <arranger/plugin.hpp>

#include <array>

using namespace arranger;

class Harmony final : public Plugin {
  // Ports are members: this is all that is said of them. They appear in graphs, editors and TypeScript types in this order.
  EventIn  in {*this, "events_in", "Events In", {.doc = "What is played."}};
  EventOut out{*this, "events_out", "Events Out", {.doc = "The same, and the added notes."}};
  Param interval{*this, "interval", "Interval", {.min = -24, .max = 24, .default_value = 7, .unit = Unit::semitones, .hint = Hint::integer, .doc = "Of notes that begin from now on."}};

  static constexpr int none = -1;
  std::array<std::array<int, 128>, 16> added;   // the key that was added to each channel's key while it is held

  void reset() override { for (auto& channel : added) channel.fill(none); }

  // Every event comes here, in order and on its exact frame, which is frame 0 of the block to come. Nothing here may
  // allocate, lock, wait or print: this is the audio thread.
  void event(const EventIn& port, const arr_event& event) override {
    out.send(0, event);
    Plugin::event(port, event);   // calls note_on, note_off and others
  }

  void note_on(const Note& note) override {
    const int key = note.key + interval.index();
    if (key < 0 || key > 127 || !out.note_on(0, note.channel, key, note.velocity)) return;
    added[note.channel][note.key] = key;
  }

  // The interval may have moved meanwhile: what ends is the note that was begun.
  void note_off(const Note& note) override {
    int& key = added[note.channel][note.key];
    if (key != none) out.note_off(0, note.channel, key);
    key = none;
  }

  void process(const Block&) override { sleep(); }   // not called again until an event comes
};

ARRANGER_PLUGIN(Harmony, {.id = "com.example.my-plugin", .name = "My Plugin", .category = Category::event_effect, .version = 1, .doc = "Plays every note once more, an interval higher or lower."})
