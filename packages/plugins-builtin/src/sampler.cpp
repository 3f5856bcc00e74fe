// SPDX-License-Identifier: MIT
// builtin.sampler: one sample, played over the whole keyboard. The file is read in sampler/sample.hpp, how it is
// interpolated is in sampler/kernels.hpp.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "sampler/sample.hpp"
#include "sampler/voice.hpp"

using namespace arranger;

namespace {

constexpr int max_voices = 64, channel_count = 16;
constexpr float max_attack_seconds = 10, max_release_seconds = 20;
constexpr float choke_seconds = 0.005f;
constexpr float bend_semitones = 2;

// 2^(semitones / 12); exact for octaves, so that the root is the recorded pitch to the last bit.
double ratio_of(int semitones) {
  constexpr std::array<double, 12> steps = {
      1.0,
      1.0594630943592953,
      1.122462048309373,
      1.189207115002721,
      1.2599210498948732,
      1.3348398541700344,
      1.4142135623730951,
      1.4983070768766815,
      1.5874010519681994,
      1.681792830507429,
      1.7817974362806785,
      1.887748625363387,
  };
  const int octave = semitones >= 0 ? semitones / 12 : -((11 - semitones) / 12);
  return std::ldexp(steps[static_cast<std::size_t>(semitones - 12 * octave)], octave);
}

class Sampler final : public Plugin {
  EventIn events{*this,
                 "events_in",
                 "Events In",
                 {.doc = "Notes, bend (2 semitones either way), the sustain pedal; controllers 120 and 123 end a "
                         "channel's notes."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "All notes; a mono sample is on both sides."}};
  Config sample_path{*this,
                     "sample_path",
                     "Sample",
                     {.type = ConfigType::filepath,
                      .file_filter = "*.wav;*.aif;*.aiff;*.flac;*.ogg",
                      .doc = "The file to play, mono or stereo. Silence as long as it is empty."}};
  Param root_pitch{*this,
                   "root_pitch",
                   "Root Pitch",
                   {.min = 0,
                    .max = 127,
                    .default_value = 60,
                    .hint = Hint::integer,
                    .doc = "The key that plays the sample as it was recorded; for notes that begin."}};
  Param attack{*this, "attack", "Attack",
               seconds(0, static_cast<double>(max_attack_seconds), "Fade-in of a note; 0 keeps the sample's own.")};
  Param release{*this, "release", "Release",
                seconds(0.05, static_cast<double>(max_release_seconds),
                        "Time by which a released note has fallen by 60 dB and ends.")};
  Param loop{*this,
             "loop",
             "Loop",
             {.hint = Hint::toggle, .doc = "Repeat the loop until the note has faded; for notes that begin."}};
  Param loop_start{*this,
                   "loop_start",
                   "Loop Start",
                   {.doc = "Where the loop begins, as a part of the sample; for notes that begin."}};
  Param loop_end{
      *this,
      "loop_end",
      "Loop End",
      {.default_value = 1, .doc = "Where the loop ends, as a part of the sample; at least a frame after its start."}};
  Param velocity_sensitivity{
      *this,
      "velocity_sensitivity",
      "Velocity Sensitivity",
      {.default_value = 1, .doc = "At 1 a note's level is the square of its velocity, at 0 all are equally loud."}};
  Param gain{*this,
             "gain",
             "Gain",
             {.max = 2,
              .default_value = 1,
              .taper = Taper::db,
              .smoothing_ms = 10,
              .doc = "Linear gain; at 1 a note of full velocity is as loud as the file."}};

  sampler::Sample sample_;
  dsp::VoiceAllocator<sampler::Voice, max_voices> voices_{dsp::Steal::quietest};
  std::array<float, channel_count> bends_{};  // factors on the frequency
  std::array<bool, channel_count> pedals_{};
  double sample_rate_ = 48000;

  static ParamOptions seconds(double value, double max, const char *doc) {
    return {.max = max, .default_value = value, .unit = Unit::seconds, .taper = Taper::exp, .doc = doc};
  }

  void activate(const Activation &activation) override {
    deactivate();
    sample_rate_ = activation.sample_rate;
    sampler::kernels();
    for (auto &voice : voices_.voices()) voice.envelope.activate(sample_rate_);
    set_tail(static_cast<std::int64_t>(static_cast<double>(max_release_seconds) * sample_rate_) + 1);
    reset();
    if (sample_path.text().empty()) return;
    if (std::string problem = sampler::load(sample_path.text(), sample_); !problem.empty()) {
      deactivate();
      fail(std::move(problem));
    }
  }

  void deactivate() override { sample_ = {}; }

  void reset() override {
    for (auto &voice : voices_.voices()) voice.envelope.reset();
    voices_.reset();
    bends_.fill(1.0f);
    pedals_.fill(false);
  }

  void note_on(const Note &note) override {
    if (sample_.frames == 0) return;
    const float loudness = 1.0f - velocity_sensitivity.value() * (1.0f - note.velocity * note.velocity);
    const double ratio = ratio_of(note.key - root_pitch.index()) * sample_.sample_rate / sample_rate_;
    sampler::Voice &voice = voices_.note_on(note.id, note.channel, note.key);
    voice.envelope.set(attack.value(), 0.0f, 1.0f, release.value());
    voice.start(sample_, ratio, bends_[at(note.channel)], loudness, loop_of_now());
  }

  sampler::Loop loop_of_now() const {
    if (!loop.on()) return {};
    const auto frame_at = [this](const Param &part) {
      return std::llround(static_cast<double>(part.value()) * static_cast<double>(sample_.frames));
    };
    const std::int64_t start = std::min<std::int64_t>(frame_at(loop_start), sample_.frames - 1);
    return {start, std::max<std::int64_t>(frame_at(loop_end), start + 1)};
  }

  void note_off(const Note &note) override {
    voices_.note_off(note.id, note.channel, note.key, [&](sampler::Voice &voice) { let_go(voice, note.channel); });
  }

  void let_go(sampler::Voice &voice, int channel) {
    if (pedals_[at(channel)]) voice.pedalled = true;
    else end(voice);
  }

  // With the release of now.
  void end(sampler::Voice &voice) {
    voice.envelope.set_release(release.value());
    voice.envelope.release();
  }

  void note_choke(const Note &note) override {
    if (sampler::Voice *voice = voices_.find(note.id)) voice->envelope.fade_out(choke_seconds);
  }

  void pitch_bend(const ChannelValue &bend) override {
    const float factor = dsp::semitones_to_ratio(bend_semitones * bend.value);
    bends_[at(bend.channel)] = factor;
    voices_.for_each_active([&](sampler::Voice &voice, int channel) {
      if (channel == bend.channel) voice.set_bend(factor);
    });
  }

  void control_change(const ControlChange &change) override {
    if (change.number == 64) pedal(change.channel, change.value >= 0.5f);
    if (change.number == 120)
      voices_.for_each_active([&](sampler::Voice &voice, int channel) {
        if (channel == change.channel) voice.envelope.fade_out(choke_seconds);
      });
    if (change.number == 123)
      voices_.release_all([&](sampler::Voice &voice) { let_go(voice, change.channel); }, change.channel);
  }

  void pedal(int channel, bool down) {
    pedals_[at(channel)] = down;
    if (down) return;
    voices_.for_each_active([&](sampler::Voice &voice, int of) {
      if (of == channel && voice.pedalled) end(voice);
    });
  }

  static std::size_t at(int channel) { return static_cast<std::size_t>(channel & (channel_count - 1)); }

  void process(const Block &block) override {
    alignas(64) float left[max_block_frames] = {}, right[max_block_frames] = {};
    float *const sums[2] = {left, right};
    bool sounds = false;
    voices_.for_each_active([&](sampler::Voice &voice) {
      voice.add(sums, block.frames);
      sounds = true;
    });
    if (!sounds) return sleep();
    const float *other = sample_.channel_count == 2 ? right : left;
    for (Frame i : block) {
      out.left[i] = gain[i] * left[i];
      out.right[i] = gain[i] * other[i];
    }
  }
};

}  // namespace

ARRANGER_PLUGIN(Sampler, {.id = "builtin.sampler",
                          .name = "Sampler",
                          .category = Category::synth,
                          .version = 1,
                          .doc = "Plays one sample over the whole keyboard.",
                          .author = "Arranger",
                          .preserves_finite = true})
