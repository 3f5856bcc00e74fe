// SPDX-License-Identifier: MIT
// builtin.sine: one pure sine per note, the plainest instrument there is and a reference for measurements.
// Direct digital synthesis (Tierney, Rader and Gold 1971) with a polynomial sine: dsp/phasor.hpp, dsp/math.hpp.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>

using namespace arranger;

namespace {

constexpr int max_voices = 256;
constexpr float attack_seconds = 0.002f;
// The envelope's release falls by 60 dB = 6.908 time constants before it ends: 33 ms each.
constexpr float release_seconds = 6.908f * 0.033f;

struct Voice {
  std::uint32_t phase = 0;
  std::uint32_t increment = 0;
  float velocity = 0.0f;
  dsp::Envelope envelope;

  bool is_active() const { return envelope.is_active(); }
  bool is_steady() const { return envelope.stage() == dsp::Envelope::Stage::sustain; }
  float level() const { return velocity * envelope.level(); }
};

class Sine final : public Plugin {
  EventIn events{*this, "events_in", "Events In", {.doc = "Notes; controllers 120 and 123 end them all."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The sum of all notes, the same on both sides."}};
  Param gain{*this,
             "gain",
             "Gain",
             {.min = 0,
              .max = 1,
              .default_value = 0.15,
              .smoothing_ms = 10,
              .doc = "Peak level of a note of full velocity; a softer one has gain times velocity."}};

  dsp::VoiceAllocator<Voice, max_voices> voices;
  int used = 0;  // no voice from here on sounds
  Kept goes_on{*this, voices, used};
  double steps_per_hertz = 0;

  void activate(const Activation &activation) override {
    steps_per_hertz = 0x1p32 / activation.sample_rate;
    for (Voice &voice : voices.voices()) {
      voice.envelope.activate(activation.sample_rate);
      voice.envelope.set(attack_seconds, 0.0f, 1.0f, release_seconds);
    }
    set_tail(static_cast<std::int64_t>(static_cast<double>(release_seconds) * activation.sample_rate) + 1);
  }

  void reset() override {
    for (Voice &voice : voices.voices()) voice.envelope.reset();
    voices.reset();
    used = 0;
  }

  void note_on(const Note &note) override {
    Voice &voice = voices.note_on(note.id, note.channel, note.key);
    used = std::max(used, static_cast<int>(&voice - voices.voices().data()) + 1);
    // A stolen voice keeps its phase: the wave bends, it does not jump.
    if (!voice.is_active()) voice.phase = 0;
    const double hertz = static_cast<double>(dsp::midi_to_hz(static_cast<float>(note.key)));
    voice.increment = static_cast<std::uint32_t>(std::min(hertz * steps_per_hertz, 0x1p31) + 0.5);
    voice.velocity = note.velocity;
    voice.envelope.trigger();
  }

  void note_off(const Note &note) override {
    voices.note_off(note.id, note.channel, note.key, [](Voice &voice) { voice.envelope.release(); });
  }

  void note_choke(const Note &note) override {
    if (Voice *voice = voices.find(note.id)) voice->envelope.fade_out(attack_seconds);
  }

  void control_change(const ControlChange &change) override {
    if (change.number == 120) voices.release_all([](Voice &v) { v.envelope.fade_out(attack_seconds); }, change.channel);
    if (change.number == 123) voices.release_all([](Voice &v) { v.envelope.release(); }, change.channel);
  }

  void process(const Block &block) override {
    while (used > 0 && !voices.voices()[static_cast<std::size_t>(used - 1)].is_active()) --used;
    if (used == 0) return sleep();
    if (used == 1 && block.frames % dsp::lane_count == 0 && voices.voices()[0].is_steady())
      return play_alone(voices.voices()[0], block.frames);
    alignas(64) float sum[max_block_frames];
    std::fill_n(sum, block.frames, 0.0f);
    Voice *waiting = nullptr;  // for another that is as steady
    for (int v = 0; v < used; ++v) {
      Voice &voice = voices.voices()[static_cast<std::size_t>(v)];
      if (!voice.is_active()) continue;
      if (!voice.is_steady()) {
        if (waiting) add_steady<1>({waiting}, sum, block.frames);
        waiting = nullptr;
        add(voice, sum, block.frames);
      } else if (waiting) {
        add_steady<2>({waiting, &voice}, sum, block.frames);
        waiting = nullptr;
      } else {
        waiting = &voice;
      }
    }
    if (waiting) add_steady<1>({waiting}, sum, block.frames);
    for (Frame i : block) {
      const float sample = gain[i] * sum[i];
      out.left[i] = sample;
      out.right[i] = sample;
    }
  }

  // The same for one note, which is what a node often plays.
  void play_alone(Voice &voice, Frame frames) {
    dsp::UintLanes phase = dsp::phases(voice.phase, voice.increment);
    const dsp::UintLanes step = voice.increment * static_cast<std::uint32_t>(dsp::lane_count);
    const dsp::Lanes velocity = voice.velocity;
    voice.phase += voice.increment * static_cast<std::uint32_t>(frames);
    const float *const gains = gain.data();
    float *const left = out.left, *const right = out.right;
    for (Frame i = 0; i < frames; i += dsp::lane_count, phase += step) {
      const dsp::Lanes sample = dsp::Lanes::load(gains + i) * (velocity * dsp::sine_of_phase(phase));
      sample.store(left + i);
      sample.store(right + i);
    }
  }

  // By eight frames at a time, which may be more than there are: `sum` has room for them. To take two voices at once saves
  // reading and writing the sum; one is added after the other all the same.
  template <std::size_t count>
  static void add_steady(const std::array<Voice *, count> &played, float *sum, Frame frames) {
    std::array<dsp::UintLanes, count> phase, step;
    std::array<dsp::Lanes, count> velocity;
    for (std::size_t n = 0; n < count; ++n) {
      Voice &voice = *played[n];
      phase[n] = dsp::phases(voice.phase, voice.increment);
      step[n] = voice.increment * static_cast<std::uint32_t>(dsp::lane_count);
      velocity[n] = voice.velocity;
      voice.phase += voice.increment * static_cast<std::uint32_t>(frames);
    }
    for (Frame i = 0; i < frames; i += dsp::lane_count) {
      dsp::Lanes now = dsp::Lanes::load(sum + i);
      for (std::size_t n = 0; n < count; ++n) {
        now += velocity[n] * dsp::sine_of_phase(phase[n]);
        phase[n] += step[n];
      }
      now.store(sum + i);
    }
  }

  // The same for one whose level moves.
  static void add(Voice &voice, float *sum, Frame frames) {
    using dsp::lane_count, dsp::Lanes, dsp::UintLanes;
    UintLanes phase = dsp::phases(voice.phase, voice.increment);
    const UintLanes step = voice.increment * static_cast<std::uint32_t>(lane_count);
    const Lanes velocity = voice.velocity;
    voice.phase += voice.increment * static_cast<std::uint32_t>(frames);
    const dsp::Signal level = voice.envelope.next(frames);
    for (Frame i = 0; i < frames; i += lane_count, phase += step) {
      const Lanes loud = velocity * Lanes::load(level.data() + i);
      (Lanes::load(sum + i) + loud * dsp::sine_of_phase(phase)).store(sum + i);
    }
  }
};

}  // namespace

ARRANGER_PLUGIN(Sine, {.id = "builtin.sine",
                       .name = "Sine",
                       .category = Category::synth,
                       .version = 1,
                       .doc = "A polyphonic sine: one pure tone per note, with a short attack and a soft release.",
                       .author = "Arranger",
                       .preserves_finite = true})
