// SPDX-License-Identifier: MIT
// Eight voices: an oscillator, a low-pass filter that the envelope opens, and the envelope.
#include <arranger/plugin.hpp>
using namespace arranger;

struct Voice {
  dsp::Oscillator oscillator;
  dsp::Svf filter;
  dsp::Envelope envelope;
  float frequency = 0, gain = 0, wave = 0;

  bool is_active() const { return envelope.is_active(); }
  void reset() { oscillator.reset(), filter.reset(), envelope.reset(); }
};

class PolySynth final : public Plugin {
  EventIn  in       {*this, "events_in", "Events In"};
  AudioOut out      {*this, "audio_out", "Audio Out"};
  Param    wave     {*this, "wave", "Wave", {.hint = Hint::radio, .choices = {"Saw", "Square", "Triangle"}, .doc = "Of notes that begin from now on."}};
  Param    cutoff   {*this, "cutoff", "Cutoff", {.min = 50, .max = 16000, .default_value = 800, .unit = Unit::hertz, .taper = Taper::log, .smoothing_ms = 20, .doc = "Where the filter is while its envelope is closed."}};
  Param    resonance{*this, "resonance", "Resonance", {.min = 0.5, .max = 12, .default_value = 1.5, .taper = Taper::log, .smoothing_ms = 20, .doc = "Quality of the filter."}};
  Param    sweep    {*this, "sweep", "Sweep", {.min = 0, .max = 6, .default_value = 2.5, .smoothing_ms = 20, .doc = "Octaves by which the envelope opens the filter."}};
  Param    attack   {*this, "attack", "Attack", {.min = 0.001, .max = 4, .default_value = 0.005, .unit = Unit::seconds, .taper = Taper::log, .doc = "Time to full level."}};
  Param    decay    {*this, "decay", "Decay", {.min = 0.01, .max = 4, .default_value = 0.6, .unit = Unit::seconds, .taper = Taper::log, .doc = "Time from there to the sustain level."}};
  Param    sustain  {*this, "sustain", "Sustain", {.min = 0, .max = 1, .default_value = 0.5, .doc = "Level of a held note."}};
  Param    release  {*this, "release", "Release", {.min = 0.005, .max = 4, .default_value = 0.3, .unit = Unit::seconds, .taper = Taper::log, .doc = "Time to silence after the key."}};
  Param    gain     {*this, "gain", "Gain", {.min = 0, .max = 1, .default_value = 0.2, .smoothing_ms = 20, .doc = "Level of the whole."}};
  dsp::VoiceAllocator<Voice, 8> voices;
  float bend[16];   // factor on the frequency, per channel
  Kept kept{*this, voices, bend};   // a rebuilt library goes on with the notes that sound

  void activate(const Activation& activation) override {
    reset();
    for (Voice& voice : voices.voices()) voice.envelope.activate(activation.sample_rate);
    set_tail(static_cast<std::int64_t>(release.description().max * activation.sample_rate));
  }

  void reset() override {
    voices.reset();
    for (Voice& voice : voices.voices()) voice.reset();
    for (float& factor : bend) factor = 1.0f;
  }

  // Events come between two blocks; a parameter has the value of the event's frame.
  void note_on(const Note& note) override {
    Voice& voice = voices.note_on(note.id, note.channel, note.key);
    if (!voice.is_active()) voice.reset();   // it went on silently to the end of a block
    voice.frequency = note.frequency();
    voice.gain = note.velocity * note.velocity;
    voice.wave = wave.value();
    voice.envelope.set(attack.value(), decay.value(), sustain.value(), release.value());
    voice.envelope.trigger();
  }

  void note_off(const Note& note) override {
    voices.note_off(note.id, note.channel, note.key, [this](Voice& voice) {
      voice.envelope.set_release(release.value());
      voice.envelope.release();
    });
  }

  void note_choke(const Note& note) override { if (Voice* voice = voices.find(note.id)) voice->envelope.fade_out(0.005f); }

  void pitch_bend(const ChannelValue& value) override { bend[value.channel] = dsp::semitones_to_ratio(2.0f * value.value); }

  void process(const Block& block) override {
    if (voices.active_count() == 0) return sleep();
    for (Frame i : block) out.left[i] = 0.0f;
    voices.for_each_active([&](Voice& voice, int channel) { add(voice, voice.frequency * bend[channel], block); });
    for (Frame i : block) out.left[i] = out.right[i] = gain[i] * out.left[i];
  }

  void add(Voice& voice, float frequency, const Block& block) {
    const auto tone = play(voice, dsp::Constant(frequency, block.frames), block.sample_rate);
    const auto level = voice.envelope.next(block.frames);
    dsp::Signal opening(block.frames);
    for (Frame i : block) opening[i] = cutoff[i] * dsp::exp2(sweep[i] * level[i]);
    const auto sound = voice.filter.low_pass(tone, opening, resonance, block.sample_rate);
    for (Frame i : block) out.left[i] += voice.gain * level[i] * sound[i];
  }

  static dsp::Signal play(Voice& voice, const dsp::Constant& pitch, double sample_rate) {
    switch (static_cast<int>(voice.wave)) {
      case 1: return voice.oscillator.square(pitch, sample_rate);
      case 2: return voice.oscillator.triangle(pitch, sample_rate);
      default: return voice.oscillator.saw(pitch, sample_rate);
    }
  }
};
ARRANGER_PLUGIN(PolySynth, {.id = "com.example.poly-synth", .name = "Poly Synth", .category = Category::synth, .version = 1, .doc = "A small subtractive synth."})
