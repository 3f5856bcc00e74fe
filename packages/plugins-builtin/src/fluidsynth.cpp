// SPDX-License-Identifier: MIT
// builtin.fluidsynth: SoundFonts (SF2, SF3), played by libfluidsynth.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include "fluidsynth/library.hpp"

using namespace arranger;
using fluidsynth::library;

namespace {

// libfluidsynth renders in steps of 64 frames, and only between two steps does an event take effect. The steps are
// counted from reset on, never from where a call begins, so every block size gives the same samples.
constexpr Frame step_frames = 64;
// FluidSynth's own default. Its gain stays here, because it also decides how early a fading voice is given up; the gain
// parameter scales the finished frames, so it can move on any frame.
constexpr float native_gain = 0.2f;
constexpr int min_sample_rate = 8000, max_sample_rate = 96000;
constexpr int polyphony = 256;
constexpr int drum_channel = 9;
constexpr int drum_bank = 128;

struct DeleteSettings {
  void operator()(fluid_settings_t *settings) const { library().delete_fluid_settings(settings); }
};
struct DeleteSynth {
  void operator()(fluid_synth_t *synth) const { library().delete_fluid_synth(synth); }
};
struct DeleteSample {
  void operator()(fluid_sample_t *sample) const { library().delete_fluid_sample(sample); }
};
using Sample = std::unique_ptr<fluid_sample_t, DeleteSample>;
using Settings = std::unique_ptr<fluid_settings_t, DeleteSettings>;
using Synth = std::unique_ptr<fluid_synth_t, DeleteSynth>;

// The library's messages go nowhere: nothing may be written from the audio thread, and what fails is said by us.
void silence_log() {
  for (const int level : {FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG})
    library().fluid_set_log_function(level, nullptr, nullptr);
}

int midi7(float value) { return std::clamp(static_cast<int>(std::lround(value * 127.0f)), 0, 127); }

std::string rate_problem(double sample_rate) {
  return "FluidSynth renders at " + std::to_string(min_sample_rate) + " to " + std::to_string(max_sample_rate) +
         " Hz, not at " + std::to_string(std::lround(sample_rate)) + " Hz";
}

// Why the file cannot be a SoundFont, or "". A cut file is found here, because libfluidsynth then tries other formats,
// whose libraries write to standard error.
std::string problem_of(const std::string &path) {
  const std::filesystem::path file(std::u8string(path.begin(), path.end()));
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return "SoundFont not found: " + path;
  std::array<unsigned char, 12> head{};  // "RIFF", the number of bytes that follow, "sfbk"
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return "the SoundFont cannot be read: " + path;
  stream.read(reinterpret_cast<char *>(head.data()), head.size());
  if (!stream || std::memcmp(head.data(), "RIFF", 4) != 0 || std::memcmp(head.data() + 8, "sfbk", 4) != 0)
    return "not a SoundFont (SF2 or SF3): " + path;
  const std::uint64_t declared = 8 + (head[4] | head[5] << 8 | head[6] << 16 | std::uint64_t(head[7]) << 24);
  const std::uint64_t size = std::filesystem::file_size(file, error);
  if (size >= declared) return "";
  return "the SoundFont is cut off after " + std::to_string(size) + " of " + std::to_string(declared) +
         " bytes: " + path;
}

Settings make_settings(double sample_rate) {
  Settings settings(library().new_fluid_settings());
  bool done = settings != nullptr;
  const auto number = [&](const char *name, double value) {
    done = done && library().fluid_settings_setnum(settings.get(), name, value) == FLUID_OK;
  };
  const auto integer = [&](const char *name, int value) {
    done = done && library().fluid_settings_setint(settings.get(), name, value) == FLUID_OK;
  };
  number("synth.sample-rate", sample_rate);
  number("synth.gain", static_cast<double>(native_gain));
  integer("synth.polyphony", polyphony);
  integer("synth.midi-channels", 16);
  integer("synth.cpu-cores", 1);
  integer("synth.threadsafe-api", 0);          // the audio thread alone calls, so no lock is wanted
  integer("synth.dynamic-sample-loading", 0);  // a program change on the audio thread must not read a file
  integer("synth.reverb.active", 0);
  integer("synth.chorus.active", 0);
  return done ? std::move(settings) : nullptr;
}

// libfluidsynth discourages the call while notes sound; here none does.
void set_sample_rate(fluid_synth_t *synth, double sample_rate) {
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
  library().fluid_synth_set_sample_rate(synth, static_cast<float>(sample_rate));
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
}

// A looped sample of zeros.
Sample make_silence() {
  std::array<short, 256> zeros{};
  Sample sample(library().new_fluid_sample());
  if (!sample) return nullptr;
  library().fluid_sample_set_sound_data(sample.get(), zeros.data(), nullptr, zeros.size(), 44100, 1);
  library().fluid_sample_set_loop(sample.get(), 16, 240);
  return sample;
}

class FluidSynth final : public Plugin {
 public:
  EventIn events_in{*this, "events_in", "Events"};
  AudioOut audio_out{*this, "audio_out", "Audio"};
  Param gain{*this,
             "gain",
             "Gain",
             {.min = 0,
              .max = 10,
              .default_value = 0.2,
              .taper = Taper::db,
              .smoothing_ms = 20,
              .doc = "Factor on the sum of all voices. 0.2 leaves headroom for a full arrangement."}};
  Param reverb{
      *this, "reverb", "Reverb", {.hint = Hint::toggle, .doc = "FluidSynth's own reverb, by each note's send."}};
  Param chorus{
      *this, "chorus", "Chorus", {.hint = Hint::toggle, .doc = "FluidSynth's own chorus, by each note's send."}};
  Config sf2_path{*this,
                  "sf2_path",
                  "SoundFont",
                  {.type = ConfigType::filepath,
                   .file_filter = "*.sf2;*.sf3",
                   .doc = "The SoundFont to play. Silence as long as it is empty."}};

 protected:
  void activate(const Activation &activation) override {
    set_tail(-1);  // how long a release and the effects ring is the SoundFont's business
    if (!library().is_there) return fail("libfluidsynth could not be opened; install it (Debian: libfluidsynth3)");
    silence_log();
    deactivate();
    sample_rate_ = activation.sample_rate;
    if (sample_rate_ < min_sample_rate || sample_rate_ > max_sample_rate) return fail(rate_problem(sample_rate_));
    const std::string &path = sf2_path.text();
    if (const std::string problem = path.empty() ? "" : problem_of(path); !problem.empty()) return fail(problem);
    settings_ = make_settings(activation.sample_rate);
    if (!settings_) return fail("FluidSynth could not be set up");
    synth_.reset(library().new_fluid_synth(settings_.get()));
    silence_ = make_silence();
    if (!synth_ || !silence_) return fail("FluidSynth could not be started");
    if (!path.empty() && library().fluid_synth_sfload(synth_.get(), path.c_str(), 1) == FLUID_FAILED) {
      deactivate();
      return fail("the SoundFont is damaged: " + path);
    }
    reverb_on_ = chorus_on_ = effects_ran_ = false;
    clean_voices();
    begin_at_zero();
  }

  void deactivate() override {
    synth_.reset();
    silence_.reset();
    settings_.reset();
  }

  void reset() override {
    if (!synth_) return;
    stop_voices();
    if (effects_ran_) restart_effects();
    library().fluid_synth_system_reset(synth_.get());
    clean_voices();
    begin_at_zero();
  }

  void note_on(const Note &note) override {
    wake();
    if (note.velocity <= 0.0f) library().fluid_synth_noteoff(synth_.get(), note.channel, note.key);
    else library().fluid_synth_noteon(synth_.get(), note.channel, note.key, std::max(1, midi7(note.velocity)));
  }
  void note_off(const Note &note) override { library().fluid_synth_noteoff(synth_.get(), note.channel, note.key); }
  void control_change(const ControlChange &change) override {
    library().fluid_synth_cc(synth_.get(), change.channel, change.number, midi7(change.value));
  }
  // Bank 0 of the drum channel is the drum bank, as in General MIDI.
  void program_change(const ProgramChange &change) override {
    const bool drums = change.channel == drum_channel && change.bank == 0;
    library().fluid_synth_bank_select(synth_.get(), change.channel, drums ? drum_bank : change.bank);
    library().fluid_synth_program_change(synth_.get(), change.channel, change.program);
  }
  void pitch_bend(const ChannelValue &bend) override {
    const auto value = static_cast<int>(std::lround(bend.value * 8192.0f)) + 8192;
    library().fluid_synth_pitch_bend(synth_.get(), bend.channel, std::clamp(value, 0, 16383));
  }
  void channel_volume(const ChannelValue &volume) override {
    library().fluid_synth_cc(synth_.get(), volume.channel, 7, midi7(volume.value));
  }
  void channel_pressure(const ChannelValue &pressure) override {
    library().fluid_synth_channel_pressure(synth_.get(), pressure.channel, midi7(pressure.value));
  }
  void poly_pressure(const Note &note) override {
    library().fluid_synth_key_pressure(synth_.get(), note.channel, note.key, midi7(note.velocity));
  }

  void process(const Block &block) override {
    bool sounds = false;
    for (Frame at = 0; at < block.frames;) {
      const Frame rest = block.frames - at;
      if (step_at_ == step_frames) {
        begin_step(at);
        if (!step_silent_) render_step(rest >= step_frames ? audio_out.left + at : nullptr, audio_out.right + at);
      }
      const Frame count = std::min(step_frames - step_at_, rest);
      hand_out(at, count);
      sounds = sounds || !step_silent_;
      step_at_ += count;
      at += count;
    }
    if (!sounds) sleep();
  }

 private:
  // A voice that is switched off leaves the library's lists only while it renders.
  void stop_voices() {
    library().fluid_synth_all_sounds_off(synth_.get(), -1);
    render_step(nullptr, nullptr);
  }

  // In libfluidsynth a voice begins with a ramp from the amplitudes that its place among the voices was left with, so
  // the sound of a note depends on what was played long before. A silent voice at gain 0 in every place makes all of
  // them alike. Each place has two halves; the second is taken when the first was switched off in the same step.
  void clean_voices() {
    library().fluid_synth_set_gain(synth_.get(), 0.0f);
    for (int half = 0; half < 2; ++half) {
      for (int i = 0; i < polyphony; ++i) {
        fluid_voice_t *voice = library().fluid_synth_alloc_voice(synth_.get(), silence_.get(), 0, 60, 127);
        if (voice == nullptr) break;
        library().fluid_voice_gen_set(voice, GEN_VOLENVATTACK,
                                      8000.0f);  // in the attack no voice is given up for being faint
        library().fluid_voice_gen_set(voice, GEN_SAMPLEMODE, 1.0f);
        library().fluid_synth_start_voice(synth_.get(), voice);
      }
      render_step(nullptr, nullptr);
      library().fluid_synth_all_sounds_off(synth_.get(), -1);
    }
    stop_voices();
    library().fluid_synth_set_gain(synth_.get(), native_gain);
  }

  // A system reset empties the delay lines, but only a new sample rate, be it the old one, brings the modulators back
  // to their first phase. begin_step switches on again what is on.
  void restart_effects() {
    library().fluid_synth_reverb_on(synth_.get(), -1, 0);
    library().fluid_synth_chorus_on(synth_.get(), -1, 0);
    set_sample_rate(synth_.get(), sample_rate_);
    reverb_on_ = chorus_on_ = effects_ran_ = false;
  }

  // From the state of a new synth: the next frame begins a step.
  void begin_at_zero() {
    step_at_ = step_frames;
    step_silent_ = true;
  }

  // Events come at the start of a step; only after a sleep can the silent rest of an old one be left over.
  void wake() {
    if (step_silent_) step_at_ = step_frames;
  }

  void begin_step(Frame at) {
    const bool reverb_on = reverb[at] >= 0.5f, chorus_on = chorus[at] >= 0.5f;
    if (reverb_on != reverb_on_) library().fluid_synth_reverb_on(synth_.get(), -1, reverb_on);
    if (chorus_on != chorus_on_) library().fluid_synth_chorus_on(synth_.get(), -1, chorus_on);
    reverb_on_ = reverb_on;
    chorus_on_ = chorus_on;
    effects_ran_ = effects_ran_ || reverb_on || chorus_on;
    step_at_ = 0;
    // The effects ring on after the last voice, and nothing says for how long.
    step_silent_ = !reverb_on && !chorus_on && library().fluid_synth_get_active_voice_count(synth_.get()) == 0;
  }

  // Into the caller's memory where it takes a whole step, otherwise into ours.
  void render_step(float *left, float *right) {
    step_is_out_ = left != nullptr;
    if (!step_is_out_) left = step_left_.data(), right = step_right_.data();
    library().fluid_synth_write_float(synth_.get(), step_frames, left, 0, 1, right, 0, 1);
  }

  void hand_out(Frame at, Frame count) {
    float *left = audio_out.left + at, *right = audio_out.right + at;
    if (step_silent_) {
      std::fill_n(left, count, 0.0f);
      std::fill_n(right, count, 0.0f);
      return;
    }
    if (!step_is_out_) {
      std::copy_n(step_left_.data() + step_at_, count, left);
      std::copy_n(step_right_.data() + step_at_, count, right);
    }
    if (gain.is_constant() && gain.value() == native_gain) return;
    const float *factor = gain.data() + at;
    for (Frame i = 0; i < count; ++i) {
      left[i] *= factor[i] * (1.0f / native_gain);
      right[i] *= factor[i] * (1.0f / native_gain);
    }
  }

  Settings settings_;
  Sample silence_;
  Synth synth_;
  std::array<float, step_frames> step_left_{}, step_right_{};
  double sample_rate_ = 0;
  Frame step_at_ = step_frames;  // frames of the step that were handed out
  bool step_silent_ = true;
  bool step_is_out_ = false;  // the step was rendered where it is wanted
  bool reverb_on_ = false, chorus_on_ = false;
  bool effects_ran_ = false;  // since the last reset
};

}  // namespace

ARRANGER_PLUGIN(FluidSynth, {.id = "builtin.fluidsynth",
                             .name = "FluidSynth",
                             .category = Category::synth,
                             .doc = "Plays SoundFonts (SF2, SF3). Channel 10 is drums.",
                             .author = "Arranger",
                             .event_grid = step_frames})
