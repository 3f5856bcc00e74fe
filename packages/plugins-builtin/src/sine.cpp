// SPDX-License-Identifier: MIT
// builtin.sine: one pure sine per note, the plainest instrument there is and a reference for measurements.
// Direct digital synthesis (Tierney, Rader and Gold 1971): dsp/phasor.hpp, dsp/math.hpp. A sine and a cosine in 128 frames are
// computed by polynomials, the others from these by the addition theorem, to 3e-7 of the peak.
#include <arranger/plugin.hpp>

#include <algorithm>

using namespace arranger;

namespace {

constexpr int max_voices = 256;
constexpr float attack_seconds = 0.002f;
// The envelope's release falls by 60 dB = 6.908 time constants before it ends: 33 ms each.
constexpr float release_seconds = 6.908f * 0.033f;

// Frames in rows of eight. Rows are counted from the beginning of a note, so that a sample depends on its frame alone.
constexpr Frame row_frames = dsp::lane_count, stretch_rows = 16, stretch_frames = row_frames * stretch_rows;
constexpr std::uint32_t quarter_turn = 1u << 30;

struct Voice {
  std::uint32_t increment = 0;
  std::uint32_t phase = 0;  // where the stretch begins that is played
  Frame played = 0;         // frames of it that are over
  float velocity = 0.0f;
  // How far the phase of a row is from that of the first.
  float sines[stretch_rows] = {}, cosines[stretch_rows] = {};
  dsp::Envelope envelope;

  void begin(std::uint32_t first_phase, std::uint32_t phase_increment) {
    phase = first_phase;
    increment = phase_increment;
    played = 0;
    for (Frame row = 0; row < stretch_rows; row += row_frames) {
      const auto turned = dsp::phases(increment * static_cast<std::uint32_t>(row_frames * row),
                                      increment * static_cast<std::uint32_t>(row_frames));
      dsp::sine_of_phase(turned).store(sines + row);
      dsp::sine_of_phase(turned + quarter_turn).store(cosines + row);
    }
  }
  std::uint32_t phase_now() const { return phase + increment * static_cast<std::uint32_t>(played); }

  // Calls row(i, samples) with eight samples from frame i on, until `frames` are there; the first and the last row may have some
  // more, so i begins above -8.
  template <class Row>
  void play(Frame frames, const Row &row) {
    for (Frame i = -played; i < frames;) {
      const auto first = dsp::phases(phase, increment);
      const dsp::Lanes loud = velocity;
      const dsp::Lanes sine = loud * dsp::sine_of_phase(first),
                       cosine = loud * dsp::sine_of_phase(first + quarter_turn);
      const Frame begin = played / row_frames;
      const Frame end = std::min(stretch_rows, (frames - i + row_frames - 1) / row_frames);
      for (Frame n = begin; n < end; ++n) row(i + row_frames * n, sine * cosines[n] + cosine * sines[n]);
      played = std::min(stretch_frames, frames - i);
      if (played < stretch_frames) return;
      phase += increment * static_cast<std::uint32_t>(stretch_frames);
      played = 0;
      i += stretch_frames;
    }
  }

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
    const std::uint32_t phase = voice.is_active() ? voice.phase_now() : 0;
    const double hertz = static_cast<double>(dsp::midi_to_hz(static_cast<float>(note.key)));
    voice.begin(phase, static_cast<std::uint32_t>(std::min(hertz * steps_per_hertz, 0x1p31) + 0.5));
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
    if (used == 1 && block.frames % row_frames == 0 && voices.voices()[0].played % row_frames == 0 &&
        voices.voices()[0].is_steady())
      return play_alone(voices.voices()[0], block.frames);
    alignas(64) float memory[room + max_block_frames + room];
    float *const sum = memory + room;
    std::fill_n(sum - row_frames, row_frames + block.frames + row_frames, 0.0f);
    for (int v = 0; v < used; ++v) {
      Voice &voice = voices.voices()[static_cast<std::size_t>(v)];
      if (voice.is_active()) add(voice, sum, block.frames);
    }
    for (Frame i : block) {
      const float sample = gain[i] * sum[i];
      out.left[i] = sample;
      out.right[i] = sample;
    }
  }

  // The same for one note, which is what a node often plays.
  void play_alone(Voice &voice, Frame frames) {
    const float *const gains = gain.data();
    float *const left = out.left, *const right = out.right;
    voice.play(frames, [=](Frame i, dsp::Lanes samples) {
      const dsp::Lanes sample = dsp::Lanes::load(gains + i) * (dsp::Lanes(0.0f) + samples);
      sample.store(left + i);
      sample.store(right + i);
    });
  }

  // `sum` has room for rows that are there in part.
  static void add(Voice &voice, float *sum, Frame frames) {
    using dsp::Lanes;
    if (voice.is_steady())
      return voice.play(frames, [=](Frame i, Lanes samples) { (Lanes::load(sum + i) + samples).store(sum + i); });
    alignas(64) float memory[room + max_block_frames + room];
    float *const levels = memory + room;
    const dsp::Signal level = voice.envelope.next(frames);
    std::fill_n(levels - row_frames, row_frames, 0.0f);
    std::copy_n(level.data(), frames, levels);
    std::fill_n(levels + frames, row_frames, 0.0f);
    voice.play(frames, [=](Frame i, Lanes samples) {
      (Lanes::load(sum + i) + Lanes::load(levels + i) * samples).store(sum + i);
    });
  }

  static constexpr Frame room = 16;  // before and behind a block
};

}  // namespace

ARRANGER_PLUGIN(Sine, {.id = "builtin.sine",
                       .name = "Sine",
                       .category = Category::synth,
                       .version = 1,
                       .doc = "A polyphonic sine: one pure tone per note, with a short attack and a soft release.",
                       .author = "Arranger",
                       .preserves_finite = true})
