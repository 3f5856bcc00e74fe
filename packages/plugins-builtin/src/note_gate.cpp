// SPDX-License-Identifier: MIT
// builtin.note_gate: what a band of the keyboard plays, as a control signal.
//
// The output is a function of the notes so far and of the parameters in the very frame, so a band that moves while notes
// are held takes them in or leaves them out at once. Velocity and Pitch keep their value when the note ends, as a sample
// and hold does; before the band's first note every mode is 0. All channels count alike.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

using namespace arranger;

namespace {

constexpr int keys = 128;
constexpr int channels = 16;
enum Mode { gate, velocity, pitch, note_count };

class NoteGate final : public Plugin {
  EventIn events{*this, "event_in", "Events In", {.doc = "Notes; controllers 120 and 123 end those of their channel."}};
  Param mode{
      *this,
      "mode",
      "Mode",
      {.choices = {"Gate", "Velocity", "Pitch", "NoteCount"},
       .doc = "Gate: 1 while a note of the band is held. Velocity: of the band's most recent note, MIDI velocity / "
              "127. Pitch: where that note lies, 0 at Lowest, 1 at Highest. NoteCount: the share of the band's keys "
              "that are held, at most 1."}};
  Param low{*this,
            "pitch_lo",
            "Lowest",
            {.max = 127, .hint = Hint::integer, .doc = "The lowest key of the band, 0..127; 60 is middle C."}};
  Param high{*this,
             "pitch_hi",
             "Highest",
             {.max = 127,
              .default_value = 127,
              .hint = Hint::integer,
              .doc = "The highest key of the band, itself included. Below Lowest the band is empty and the output 0."}};
  ControlOut out{*this, "control_out", "Control Out", {.doc = "See Mode."}};

  struct Key {
    std::array<std::int32_t, channels> held{};
    std::int32_t held_on_all = 0;
    float velocity = 0.0f;
    std::uint64_t began = 0;  // rank among all notes so far; 0 = never played
  };
  std::array<Key, keys> state;
  std::uint64_t notes = 0;
  Kept goes_on{*this, state, notes};

  void reset() override {
    state.fill({});
    notes = 0;
  }

  void note_on(const Note &note) override {
    Key &key = state[static_cast<std::size_t>(note.key) % keys];
    ++key.held[static_cast<std::size_t>(note.channel) % channels];
    ++key.held_on_all;
    key.velocity = note.velocity;
    key.began = ++notes;
  }

  void note_off(const Note &note) override {
    Key &key = state[static_cast<std::size_t>(note.key) % keys];
    std::int32_t &held = key.held[static_cast<std::size_t>(note.channel) % channels];
    if (held == 0) return;
    --held;
    --key.held_on_all;
  }

  void control_change(const ControlChange &change) override {
    if (change.number != 120 && change.number != 123) return;
    for (Key &key : state)
      key.held_on_all -= std::exchange(key.held[static_cast<std::size_t>(change.channel) % channels], 0);
  }

  void process(const Block &block) override {
    // Parameters do not wake a sleeper, so it sleeps only where every mode and band give 0.
    if (notes == 0) return sleep();
    if (mode.is_constant() && low.is_constant() && high.is_constant())
      return out.fill(value(mode.index(), low.index(), high.index()));
    for (Frame i : block) {
      const bool same = i > 0 && mode[i] == mode[i - 1] && low[i] == low[i - 1] && high[i] == high[i - 1];
      out[i] = same ? out[i - 1] : value(whole(mode[i]), whole(low[i]), whole(high[i]));
    }
  }

  static int whole(float x) { return static_cast<int>(std::lround(x)); }

  float value(int shown, int lowest, int highest) const {
    if (lowest > highest) return 0.0f;
    int held = 0, recent = -1;
    for (int k = lowest; k <= highest; ++k) {
      const Key &key = at(k);
      held += key.held_on_all;
      if (key.began != 0 && (recent < 0 || key.began > at(recent).began)) recent = k;
    }
    if (shown == gate) return held > 0 ? 1.0f : 0.0f;
    if (shown == note_count) return std::min(1.0f, static_cast<float>(held) / static_cast<float>(highest - lowest + 1));
    if (recent < 0) return 0.0f;
    if (shown == velocity) return at(recent).velocity;
    // A band of one key has no pitch to tell.
    return highest == lowest ? 0.0f : static_cast<float>(recent - lowest) / static_cast<float>(highest - lowest);
  }

  const Key &at(int key) const { return state[static_cast<std::size_t>(key)]; }
};

}  // namespace

ARRANGER_PLUGIN(NoteGate, {.id = "builtin.note_gate",
                           .name = "Note Gate",
                           .category = Category::event_effect,
                           .version = 1,
                           .doc = "A control signal from notes: whether, how hard, which and how many keys are played.",
                           .author = "Arranger",
                           .preserves_finite = true})
