// SPDX-License-Identifier: MIT
// builtin.synth: a General MIDI instrument without samples. Sixteen parts of a subtractive synthesiser (two band-limited
// oscillators, a state-variable low-pass, two envelopes per voice), and drums on channel 10. The timbres are in
// synth/timbres.hpp, the sound of the voices in synth/voice_group.hpp, the drums in synth/drums.hpp, the sources of the
// algorithms in the headers under arranger/dsp/.
#include "synth/drums.hpp"
#include "synth/timbres.hpp"
#include "synth/voice_group.hpp"

#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>

using namespace arranger;

namespace {

constexpr int part_count = 16, drum_part = 9;
constexpr int max_voices = 64, max_drums = 24;
constexpr float choke_seconds = 0.01f, smoothing_seconds = 0.005f;
constexpr float longest_seconds = 10.0f;  // of a release or a cymbal, scaled by the release parameter

// The state of a channel, as its controllers set it.
struct Part {
  int program = 0;
  float volume = 100.0f / 127.0f, expression = 1.0f, pan = 0.0f;
  float bend = 0.0f, bend_range = 2.0f;  // -1 .. 1, semitones
  float modulation = 0.0f, pressure = 0.0f;
  bool pedal = false;
  int registered[2] = {127, 127};  // the registered parameter that data entry sets: low, high
  dsp::Smoother left, right;

  synth::Gesture gesture() const { return {bend * bend_range, std::max(modulation, pressure)}; }
};

// What the voices of a part add up to in a block; only drums have sides.
struct Bus {
  alignas(64) float left[max_block_frames], right[max_block_frames];
  bool used = false;

  void add(float *to, const float *sound, Frame frames) const {
    if (used)
      for (Frame i = 0; i < frames; ++i) to[i] += sound[i];
    else std::copy_n(sound, frames, to);
  }
};

class Synth final : public Plugin {
  EventIn events{
      *this,
      "events_in",
      "Events In",
      {.doc = "Sixteen channels: notes, programs, bend, pressure, volume, controllers. Channel 10 is drums."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "All parts, panned."}};
  Param gain{*this,
             "gain",
             "Gain",
             {.default_value = 0.3, .taper = Taper::db, .smoothing_ms = 10, .doc = "Linear gain of the whole."}};
  Param waveform{*this,
                 "waveform",
                 "Waveform",
                 {.choices = {"By program", "Sine", "Triangle", "Saw", "Square", "Pulse"},
                  .doc = "Wave of the first oscillator, for notes that begin; by default each program has its own."}};
  Param cutoff{
      *this,
      "cutoff",
      "Cutoff",
      {.min = 20,
       .max = 20000,
       .default_value = 1000,
       .unit = Unit::hertz,
       .taper = Taper::log,
       .smoothing_ms = 20,
       .doc = "Where the filters are before timbre, key, velocity and envelope move them, some octaves up as a rule."}};
  Param resonance{*this,
                  "resonance",
                  "Resonance",
                  {.smoothing_ms = 20, .doc = "Sharpens the filters: at 1 their q is 16 times the timbre's."}};
  Param attack{*this, "attack", "Attack", scale("Factor of every timbre's attack time, for notes that begin.")};
  Param decay{*this, "decay", "Decay", scale("Factor of every timbre's decay time, for notes that begin.")};
  Param sustain{*this,
                "sustain",
                "Sustain",
                {.max = 2, .default_value = 1, .doc = "Factor of every timbre's sustain level, for notes that begin."}};
  Param release{*this, "release", "Release", scale("Factor of every timbre's release time, for notes that begin.")};
  Param drums{
      *this,
      "drums",
      "Drums",
      {.max = 2, .default_value = 1, .taper = Taper::db, .smoothing_ms = 10, .doc = "Linear gain of channel 10."}};

  Param timbre{
      *this,
      "timbre",
      "Timbre",
      {.choices = {"By program", "Plain"},
       .doc = "For notes that begin: that of the program, or a plain one: one oscillator, a saw unless waveform says "
              "otherwise, the filter at the cutoff itself, attack 10 ms, decay 100 ms to sustain 0.7, release "
              "100 ms, each times its parameter.",
       .since_version = 2}};

  dsp::VoiceAllocator<synth::Voice, max_voices> voices{dsp::Steal::quietest};
  dsp::VoiceAllocator<synth::DrumVoice, max_drums> drum_voices{dsp::Steal::quietest};
  std::array<synth::VoiceGroup, max_voices / dsp::lane_count> groups;
  std::array<Part, part_count> parts;
  bool drums_sound = false;
  std::uint64_t seed = 0, notes = 0;
  Kept goes_on{*this, voices, drum_voices, groups, parts, drums_sound, notes};
  std::array<Bus, part_count> buses;
  double sample_rate = 48000;

  static ParamOptions scale(const char *doc) {
    return {.min = 0.1, .max = 10, .default_value = 1, .taper = Taper::log, .doc = doc};
  }

  void activate(const Activation &activation) override {
    sample_rate = activation.sample_rate;
    seed = activation.seed;
    for (auto &voice : voices.voices()) voice.activate(sample_rate);
    for (auto &voice : drum_voices.voices()) voice.activate(sample_rate);
    set_tail(static_cast<std::int64_t>(sample_rate * static_cast<double>(longest_seconds)));
    reset();
  }

  void reset() override {
    for (auto &voice : voices.voices()) voice.reset();
    for (auto &voice : drum_voices.voices()) voice.reset();
    voices.reset();
    drum_voices.reset();
    groups.fill({});
    parts.fill(Part{});
    for (Part &part : parts) {
      part.left.activate(sample_rate, smoothing_seconds);
      part.right.activate(sample_rate, smoothing_seconds);
      place(part);
    }
    drums_sound = false;
    notes = 0;
  }

  Part &part_of(int channel) { return parts[static_cast<std::size_t>(channel & 15)]; }

  // Volume and expression count squared, as General MIDI recommends; pan is equal-power.
  static void place(Part &part) {
    const float level = part.volume * part.volume * part.expression * part.expression;
    part.left.set_target(level * side(1.0f - part.pan));
    part.right.set_target(level * side(1.0f + part.pan));
  }
  static float side(float towards) {  // 0 .. 2: a quarter turn of the sine
    return dsp::sine_of_phase(static_cast<std::uint32_t>(static_cast<std::int32_t>(towards * 0x1p29f)));
  }

  bool sounds(int channel) {
    bool any = false;
    voices.for_each_active([&](synth::Voice &, int of) { any = any || of == channel; });
    if (channel == drum_part) any = drum_voices.active_count() > 0;
    return any;
  }

  void note_on(const Note &note) override {
    Part &part = part_of(note.channel);
    if (!sounds(note.channel)) {
      // Nobody heard the way there, and in sleep there was none.
      part.left.reset(part.left.target());
      part.right.reset(part.right.target());
    }
    const std::uint64_t note_seed = seed + ++notes * 0x9e3779b97f4a7c15u;
    if (note.channel == drum_part) return strike(note, note_seed);
    const synth::Shape shape{waveform.index(), attack.value(), decay.value(), sustain.value(), release.value()};
    const synth::Timbre &sound = timbre.index() == 0 ? synth::timbre_of(part.program) : synth::plain;
    synth::Voice &voice = voices.note_on(note.id, note.channel, note.key);
    voice.start(sound, note.key, note.velocity, shape, part.gesture(), note_seed);
    groups[static_cast<std::size_t>(&voice - voices.voices().data()) / dsp::lane_count].wake();
  }

  void strike(const Note &note, std::uint64_t note_seed) {
    const int group = synth::drum_of(note.key).group;
    drum_voices.for_each_active([group](synth::DrumVoice &voice) {
      if (group != 0 && voice.drum().group == group) voice.fade_out(choke_seconds);
    });
    drum_voices.note_on(note.id, note.channel, note.key).start(note.key, note.velocity, note_seed);
    drums_sound = true;
  }

  void note_off(const Note &note) override {
    const bool pedal = part_of(note.channel).pedal;
    voices.note_off(note.id, note.channel, note.key, [pedal](synth::Voice &voice) { let_go(voice, pedal); });
  }
  static void let_go(synth::Voice &voice, bool pedal) {
    if (pedal) voice.pedalled = true;
    else voice.release();
  }

  void note_choke(const Note &note) override {
    if (synth::Voice *voice = voices.find(note.id)) voice->fade_out(choke_seconds);
    if (synth::DrumVoice *voice = drum_voices.find(note.id)) voice->fade_out(choke_seconds);
  }

  void program_change(const ProgramChange &change) override {
    part_of(change.channel).program = std::clamp(change.program, 0, 127);
  }
  void pitch_bend(const ChannelValue &bend) override {
    part_of(bend.channel).bend = bend.value;
    move(bend.channel);
  }
  void channel_pressure(const ChannelValue &pressure) override {
    part_of(pressure.channel).pressure = pressure.value;
    move(pressure.channel);
  }
  void move(int channel) {
    voices.for_each_active([&](synth::Voice &voice, int of) {
      if (of == channel) voice.move(part_of(channel).gesture());
    });
  }
  void channel_volume(const ChannelValue &volume) override {
    part_of(volume.channel).volume = volume.value;
    place(part_of(volume.channel));
  }

  void control_change(const ControlChange &change) override {
    Part &part = part_of(change.channel);
    switch (change.number) {
      case 1:
        part.modulation = change.value;
        break;
      case 6:
        if (part.registered[0] == 0 && part.registered[1] == 0) part.bend_range = 127.0f * change.value;
        break;
      case 7:
        part.volume = change.value;
        break;
      case 10:
        part.pan = std::clamp((127.0f * change.value - 64.0f) / 63.0f, -1.0f, 1.0f);
        break;
      case 11:
        part.expression = change.value;
        break;
      case 64:
        pedal(change.channel, change.value >= 0.5f);
        break;
      case 98:
      case 99:
        part.registered[0] = part.registered[1] = 127;
        break;
      case 100:
      case 101:
        part.registered[change.number - 100] = static_cast<int>(127.0f * change.value + 0.5f);
        break;
      case 120:
        silence(change.channel);
        break;
      case 121:
        part.modulation = part.pressure = part.bend = 0.0f;
        part.expression = 1.0f;
        pedal(change.channel, false);
        break;
      case 123:
        voices.release_all([&](synth::Voice &voice) { let_go(voice, part.pedal); }, change.channel);
        break;
      default:
        return;
    }
    place(part);
    move(change.channel);
  }

  void pedal(int channel, bool down) {
    part_of(channel).pedal = down;
    if (down) return;
    voices.for_each_active([channel](synth::Voice &voice, int of) {
      if (of == channel && voice.pedalled) voice.release();
    });
  }

  void silence(int channel) {
    voices.for_each_active([channel](synth::Voice &voice, int of) {
      if (of == channel) voice.fade_out(choke_seconds);
    });
    if (channel != drum_part) return;
    drum_voices.for_each_active([](synth::DrumVoice &voice) { voice.fade_out(choke_seconds); });
  }

  void process(const Block &block) override {
    for (Bus &bus : buses) bus.used = false;
    render_voices(block);
    render_drums(block);
    if (std::none_of(buses.begin(), buses.end(), [](const Bus &bus) { return bus.used; })) return sleep();
    mix(block);
  }

  void render_voices(const Block &block) {
    const synth::Controls controls{block.sample_rate, block.frames_since_reset, cutoff.data(), resonance.data(),
                                   cutoff.is_constant() && resonance.is_constant()};
    dsp::Lanes sound[max_block_frames + 3];  // the sum goes by fours
    for (std::size_t n = 0; n < groups.size(); ++n) {
      if (!groups[n].is_awake()) continue;
      const auto of = synth::VoiceGroup::Voices(voices.voices().data() + n * dsp::lane_count, dsp::lane_count);
      int channels[dsp::lane_count];
      for (std::size_t lane = 0; lane < of.size(); ++lane)
        channels[lane] = of[lane].is_active() ? voices.channel_of(of[lane]) : -1;
      groups[n].render(of, controls, block.frames, sound);
      std::fill_n(sound + block.frames, 3, dsp::Lanes(0.0f));
      add(sound, channels, block.frames);
    }
  }

  // A vector of voices to the parts that they play.
  void add(const dsp::Lanes *sound, const int (&channels)[dsp::lane_count], Frame frames) {
    alignas(64) float sum[max_block_frames];
    dsp::Lanes of_part[max_block_frames + 3];
    const int some = *std::max_element(channels, channels + dsp::lane_count);
    const bool one_part = std::all_of(channels, channels + dsp::lane_count, [&](int n) { return n == some || n < 0; });
    for (int channel = one_part ? some : 0; channel <= some; ++channel) {
      if (channel < 0) continue;
      if (!one_part) {
        dsp::Lanes mine = 0.0f;
        for (int lane = 0; lane < dsp::lane_count; ++lane) mine.set(lane, channels[lane] == channel ? 1.0f : 0.0f);
        if (!synth::any(mine)) continue;
        for (Frame i = 0; i < frames + 3; ++i) of_part[i] = mine * sound[i];
      }
      dsp::sum_lanes(one_part ? sound : of_part, sum, frames);
      Bus &bus = buses[static_cast<std::size_t>(channel)];
      bus.add(bus.left, sum, frames);
      bus.used = true;
    }
  }

  void render_drums(const Block &block) {
    if (!drums_sound) return;
    drums_sound = false;
    Bus &bus = buses[drum_part];
    drum_voices.for_each_active([&](synth::DrumVoice &voice) {
      const float pan = voice.drum().pan;
      const float left = 1.41421356f * side(1.0f - pan), right = 1.41421356f * side(1.0f + pan);
      dsp::Signal sound = voice.render(block.sample_rate, block.frames), other(block.frames);
      for (Frame i : block) {
        const float loud = sound[i] * drums[i];
        sound[i] = left * loud;
        other[i] = right * loud;
      }
      bus.add(bus.left, sound.data(), block.frames);
      bus.add(bus.right, other.data(), block.frames);
      bus.used = drums_sound = true;
    });
  }

  void mix(const Block &block) {
    bool first = true;
    for (std::size_t n = 0; n < part_count; ++n) {
      if (!buses[n].used) continue;
      add(out.left, buses[n].left, parts[n].left, block.frames, first);
      add(out.right, n == drum_part ? buses[n].right : buses[n].left, parts[n].right, block.frames, first);
      first = false;
    }
    for (Frame i : block) {
      out.left[i] *= gain[i];
      out.right[i] *= gain[i];
    }
  }

  static void add(float *__restrict to, const float *sound, dsp::Smoother &level, Frame frames, bool first) {
    if (first) std::fill_n(to, frames, 0.0f);
    if (level.is_moving()) {
      const dsp::Signal levels = level.next(frames);
      for (Frame i = 0; i < frames; ++i) to[i] += levels[i] * sound[i];
    } else {
      const float constant = level.target();
      for (Frame i = 0; i < frames; ++i) to[i] += constant * sound[i];
    }
  }
};

}  // namespace

ARRANGER_PLUGIN(Synth,
                {.id = "builtin.synth",
                 .name = "Synth",
                 .category = Category::synth,
                 .version = 2,
                 .doc = "A General MIDI synthesiser without samples: sixteen parts, 64 voices, drums on channel 10.",
                 .author = "Arranger",
                 .preserves_finite = true})
