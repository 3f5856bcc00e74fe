// SPDX-License-Identifier: MIT
// My Plugin: eight voices, each a triangle wave with an envelope.
#include <arranger/plugin.hpp>

using namespace arranger;

struct Voice {
  dsp::Oscillator oscillator;
  dsp::Envelope envelope;
  float frequency = 0, level = 0;

  bool is_active() const { return envelope.is_active(); }
  void reset() { oscillator.reset(), envelope.reset(); }
};

class Instrument final : public Plugin {
  // Ports are members: this is all that is said of them. They appear in graphs, editors and TypeScript types in this order.
  EventIn  in {*this, "events_in", "Events In", {.doc = "The notes to play."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "All voices together."}};
  Param attack {*this, "attack", "Attack", {.min = 0.001, .max = 2, .default_value = 0.005, .unit = Unit::seconds, .taper = Taper::log, .doc = "Time to full level."}};
  Param release{*this, "release", "Release", {.min = 0.01, .max = 4, .default_value = 0.3, .unit = Unit::seconds, .taper = Taper::log, .doc = "Time to silence after the key."}};
  Param gain   {*this, "gain", "Gain", {.min = 0, .max = 1, .default_value = 0.25, .smoothing_ms = 20, .doc = "Level of the whole."}};
  dsp::VoiceAllocator<Voice, 8> voices;   // decides which voice plays a note, and which has to go when all are taken
  Kept kept{*this, voices};               // when the code is replaced, the notes that sound go on

  // Memory is taken here and only here; this plugin needs none.
  void activate(const Activation& activation) override {
    for (Voice& voice : voices.voices()) voice.envelope.activate(activation.sample_rate);
    set_tail(static_cast<std::int64_t>(release.description().max * activation.sample_rate));
  }

  void reset() override {
    voices.reset();
    for (Voice& voice : voices.voices()) voice.reset();
  }

  // Events come between two blocks, exactly on their frame, and parameters have the values of that frame.
  void note_on(const Note& note) override {
    Voice& voice = voices.note_on(note.id, note.channel, note.key);
    if (!voice.is_active()) voice.reset();
    voice.frequency = note.frequency();
    voice.level = note.velocity;
    voice.envelope.set(attack.value(), 0.3f, 0.6f, release.value());
    voice.envelope.trigger();
  }

  void note_off(const Note& note) override {
    voices.note_off(note.id, note.channel, note.key, [this](Voice& voice) {
      voice.envelope.set_release(release.value());
      voice.envelope.release();
    });
  }

  // Called for at most 128 frames at a time, on the audio thread: nothing here may allocate, lock, wait or print.
  void process(const Block& block) override {
    if (voices.active_count() == 0) return sleep();   // not called again until a note comes
    for (Frame i : block) out.left[i] = 0.0f;
    voices.for_each_active([&](Voice& voice) {
      const auto wave = voice.oscillator.triangle(dsp::Constant(voice.frequency, block.frames), block.sample_rate);
      const auto envelope = voice.envelope.next(block.frames);
      for (Frame i : block) out.left[i] += voice.level * envelope[i] * wave[i];
    });
    for (Frame i : block) out.left[i] = out.right[i] = gain[i] * out.left[i];
  }
};

ARRANGER_PLUGIN(Instrument, {.id = "com.example.my-plugin", .name = "My Plugin", .category = Category::synth, .version = 1, .doc = "A small synth with triangle waves."})
