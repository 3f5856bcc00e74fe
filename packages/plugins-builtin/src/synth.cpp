// SPDX-License-Identifier: MIT
// builtin.synth: a General MIDI instrument without samples. Sixteen parts of a subtractive synthesiser (two band-limited
// oscillators, a state-variable low-pass, two envelopes per voice), and drums on channel 10. The timbres are in
// synth/timbres.hpp, the sound of the voices in synth/voice_group.hpp, the drums in synth/drums.hpp, the sources of the
// algorithms in the headers under arranger/dsp/.
#include "effects/prefetch.hpp"
#include "synth/buses.hpp"
#include "synth/drums.hpp"
#include "synth/part.hpp"
#include "synth/timbres.hpp"
#include "synth/voice_group.hpp"

#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

using namespace arranger;
using synth::drum_part;
using synth::part_count;

namespace {

constexpr int max_voices = 64, max_drums = 24;
constexpr std::size_t group_count = max_voices / dsp::lane_count;
constexpr float choke_seconds = 0.01f, smoothing_seconds = 0.005f;
constexpr float longest_seconds = 10.0f;  // of a release or a cymbal, scaled by the release parameter

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

  // What every block reads first.
  synth::Set awake;  // groups that may sound
  bool drums_sound = false;
  std::uint64_t seed = 0, notes = 0;
  double sample_rate = 48000;

  dsp::VoiceAllocator<synth::Voice, max_voices> voices{dsp::Steal::quietest};
  std::array<synth::VoiceGroup, group_count> groups;
  std::array<std::array<int, dsp::lane_count>, group_count>
      played_by;  // by lane: its part while the group is awake, else -1
  std::array<synth::Part, part_count> parts;
  dsp::VoiceAllocator<synth::DrumVoice, max_drums> drum_voices{dsp::Steal::quietest};
  Kept goes_on{*this, voices, drum_voices, groups, awake, played_by, parts, drums_sound, notes};
  synth::Buses buses;

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
    awake = {};
    for (auto &lanes : played_by) lanes.fill(-1);
    parts.fill(synth::Part{});
    for (synth::Part &part : parts) {
      part.left.activate(sample_rate, smoothing_seconds);
      part.right.activate(sample_rate, smoothing_seconds);
      part.place();
    }
    drums_sound = false;
    notes = 0;
  }

  synth::Part &part_of(int channel) { return parts[static_cast<std::size_t>(channel & 15)]; }

  bool sounds(int channel) {
    bool any = false;
    voices.for_each_active([&](synth::Voice &, int of) { any = any || of == channel; });
    if (channel == drum_part) any = drum_voices.active_count() > 0;
    return any;
  }

  void note_on(const Note &note) override {
    synth::Part &part = part_of(note.channel);
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
    const auto place = static_cast<std::size_t>(&voice - voices.voices().data());
    awake.insert(place / dsp::lane_count);
    played_by[place / dsp::lane_count][place % dsp::lane_count] = note.channel & 15;
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
    part_of(volume.channel).place();
  }

  void control_change(const ControlChange &change) override {
    synth::Part &part = part_of(change.channel);
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
    part.place();
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
    buses.clear();
    render_voices(block);
    render_drums(block);
    if (buses.are_empty()) return sleep();
    buses.mix(parts, gain, out, block.frames);
  }

  void render_voices(const Block &block) {
    const synth::Controls controls{block.sample_rate, block.frames_since_reset, cutoff.data(), resonance.data(),
                                   cutoff.is_constant() && resonance.is_constant()};
    dsp::Lanes sound[max_block_frames + 3];  // the sum goes by fours
    awake.for_each([this](std::size_t n) {
      effects::prefetch(&groups[n], sizeof groups[n]);
      effects::prefetch(voices.voices().data() + n * dsp::lane_count, dsp::lane_count * sizeof(synth::Voice));
    });
    awake.for_each([&](std::size_t n) {
      const auto of = synth::VoiceGroup::Voices(voices.voices().data() + n * dsp::lane_count, dsp::lane_count);
      const bool goes_on = groups[n].render(of, controls, block.frames, sound);
      std::fill_n(sound + block.frames, 3, dsp::Lanes(0.0f));
      add(sound, played_by[n], block.frames);
      if (goes_on) return;
      awake.erase(n);
      played_by[n].fill(-1);
    });
  }

  // A vector of voices to the parts that they play.
  void add(const dsp::Lanes *sound, const std::array<int, dsp::lane_count> &channels, Frame frames) {
    const int some = *std::max_element(channels.begin(), channels.end());
    if (std::all_of(channels.begin(), channels.end(), [some](int n) { return n == some || n < 0; }))
      return buses.add(static_cast<std::size_t>(some), sound, frames);
    dsp::Lanes of_part[max_block_frames + 3];
    for (int channel = 0; channel <= some; ++channel) {
      dsp::Lanes mine = 0.0f;
      for (int lane = 0; lane < dsp::lane_count; ++lane)
        mine.set(lane, channels[static_cast<std::size_t>(lane)] == channel ? 1.0f : 0.0f);
      if (!synth::any(mine)) continue;
      for (Frame i = 0; i < frames + 3; ++i) of_part[i] = mine * sound[i];
      buses.add(static_cast<std::size_t>(channel), of_part, frames);
    }
  }

  void render_drums(const Block &block) {
    if (!drums_sound) return;
    drums_sound = false;
    drum_voices.for_each_active([&](synth::DrumVoice &voice) {
      const float pan = voice.drum().pan;
      const float left = 1.41421356f * synth::side(1.0f - pan), right = 1.41421356f * synth::side(1.0f + pan);
      dsp::Signal sound = voice.render(block.sample_rate, block.frames), other(block.frames);
      for (Frame i : block) {
        const float loud = sound[i] * drums[i];
        sound[i] = left * loud;
        other[i] = right * loud;
      }
      buses.add_drum(sound.data(), other.data(), block.frames);
      drums_sound = true;
    });
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
