// SPDX-License-Identifier: MIT
// builtin.metronome: a click on every beat of the time signature while the song plays, on the frame that a note on that
// beat would have.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

#include "beat_grid.hpp"

using namespace arranger;

namespace {

constexpr int max_clicks = 4;  // that sound at once
constexpr float attack_seconds = 0.0005f, decay_seconds = 0.05f;
constexpr float between_level = 0.25f;  // of the clicks that divide a beat

// A sine that dies away: short enough to tell where it begins, long enough to have a pitch.
struct Click {
  std::uint32_t phase = 0, increment = 0;
  float level = 0;
  Frame start = 0;  // in the block under way
  dsp::Envelope envelope;

  void add(float *sum, Frame frames) {
    const dsp::Signal shape = envelope.next(frames - start);
    for (Frame i = start; i < frames; ++i, phase += increment)
      sum[i] += level * shape[i - start] * dsp::sine_of_phase(phase);
    start = 0;
  }
};

// The clicks of a time signature, counted from the bar in which a call begins.
struct Grid {
  const arr_transport &song;
  std::int64_t numerator, denominator, subdivision;

  Grid(const arr_transport &transport, int parts)
      : song(transport),
        numerator(std::max(1, transport.time_signature_numerator)),
        denominator(std::max(1, transport.time_signature_denominator)),
        subdivision(std::max(1, parts)) {}

  std::int64_t per_bar() const { return numerator * subdivision; }
  double spacing() const { return 4.0 / static_cast<double>(denominator * subdivision); }
  // By bar and place in it, so that a click has the same beat from whichever bar it is counted.
  double beat(std::int64_t click) const {
    const double bars = static_cast<double>(click / per_bar() * numerator) * 4.0 / static_cast<double>(denominator);
    const double place = static_cast<double>(click % per_bar()) * 4.0 / static_cast<double>(denominator * subdivision);
    return song.bar_beat + bars + place;
  }
  std::int64_t frame(std::int64_t click) const { return song.frame_of_beat(&song, beat(click)); }
  bool begins_bar(std::int64_t click) const { return click % per_bar() == 0; }
  bool begins_beat(std::int64_t click) const { return click % subdivision == 0; }
};

class Metronome final : public Plugin {
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The clicks, the same on both sides."}};
  Param enabled{*this,
                "enabled",
                "Enabled",
                {.default_value = 1, .hint = Hint::toggle, .doc = "Off begins no click; one that sounds dies away."}};
  Param gain{*this,
             "gain",
             "Gain",
             {.min = 0,
              .max = 1,
              .default_value = 0.25,
              .taper = Taper::db,
              .smoothing_ms = 10,
              .doc = "Peak level of the click of an ordinary beat."}};
  Param accent{*this,
               "accent",
               "Accent",
               {.min = 0,
                .max = 24,
                .default_value = 6,
                .unit = Unit::decibels,
                .doc = "How much louder the first click of a bar is."}};
  Param pitch{*this, "pitch", "Pitch", frequency(1000, "Frequency of a click.")};
  Param accent_pitch{*this, "accent_pitch", "Accent Pitch", frequency(1600, "Frequency of the first click of a bar.")};
  Param subdivision{*this,
                    "subdivision",
                    "Subdivision",
                    {.min = 1,
                     .max = 12,
                     .default_value = 1,
                     .hint = Hint::integer,
                     .doc = "Clicks per beat of the time signature; those between beats are 12 dB softer."}};

  static ParamOptions frequency(double hertz, const char *doc) {
    return {.min = 100, .max = 8000, .default_value = hertz, .unit = Unit::hertz, .taper = Taper::log, .doc = doc};
  }

  std::array<Click, max_clicks> clicks_;
  std::size_t next_ = 0;
  double sample_rate_ = 48000;

  void activate(const Activation &activation) override {
    sample_rate_ = activation.sample_rate;
    for (Click &click : clicks_) {
      click.envelope.activate(sample_rate_);
      click.envelope.set(attack_seconds, decay_seconds, 0.0f, 0.0f);
    }
    set_tail(static_cast<std::int64_t>(static_cast<double>(attack_seconds + decay_seconds) * sample_rate_) + 2);
    reset();
  }

  void reset() override {
    for (Click &click : clicks_) click.envelope.reset();
    next_ = 0;
  }

  // It never sleeps: when the song begins to play, nothing would wake it.
  void process(const Block &block) override {
    if (block.playing())
      for_each_run(subdivision, block.frames, [&](Frame from, Frame to) { begin_clicks(block, from, to); });
    alignas(64) float sum[max_block_frames] = {};
    bool sounds = false;
    for (Click &click : clicks_) {
      if (!click.envelope.is_active()) continue;
      sounds = true;
      click.add(sum, block.frames);
    }
    if (!sounds) return out.set_silent();
    for (Frame i : block) out.left[i] = out.right[i] = gain[i] * sum[i];
  }

  void begin_clicks(const Block &block, Frame from, Frame to) {
    const arr_transport &song = block.transport;
    const Grid grid(song, static_cast<int>(subdivision[from] + 0.5f));
    const std::int64_t now = block.song_frame();
    const double beats_done = block.offset * song.bpm / (60 * block.sample_rate);  // of this call, about
    const double guess = (song.beat - song.bar_beat + beats_done) / grid.spacing();
    std::int64_t n = first_point(now + from, guess, [&](std::int64_t click) { return grid.frame(click); });
    for (; grid.frame(n) < now + to; ++n) {
      const auto frame = static_cast<Frame>(grid.frame(n) - now);
      if (enabled[frame] >= 0.5f) begin(frame, grid.begins_bar(n), grid.begins_beat(n));
    }
  }

  void begin(Frame frame, bool begins_bar, bool begins_beat) {
    Click &click = clicks_[next_];
    next_ = (next_ + 1) % max_clicks;
    const float hertz = begins_bar ? accent_pitch[frame] : pitch[frame];
    click.increment = static_cast<std::uint32_t>(dsp::PhaseStep(sample_rate_)(hertz));
    click.level = begins_bar ? dsp::db_to_gain(accent[frame]) : begins_beat ? 1.0f : between_level;
    click.phase = 0;
    click.start = frame;
    click.envelope.reset();
    click.envelope.trigger();
  }
};

}  // namespace

ARRANGER_PLUGIN(Metronome, {.id = "builtin.metronome",
                            .name = "Metronome",
                            .category = Category::utility,
                            .version = 1,
                            .doc = "Clicks on the beats of the time signature while the song plays.",
                            .author = "Arranger",
                            .preserves_finite = true})
