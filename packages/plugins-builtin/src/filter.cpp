// SPDX-License-Identifier: MIT
// builtin.filter: one sweepable filter of second order, optionally driven. The zero-delay state-variable filter of Andrew
// Simper (2013), effects/svf.hpp: stable and without clicks however fast the cutoff moves.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>

#include "effects/range.hpp"
#include "effects/svf.hpp"

using namespace arranger;
using effects::Coefficients;
using effects::Response;
using effects::Svf;
using effects::to_finite;

namespace {

constexpr double fade_seconds = 0.01;

// What a mode takes of the input, the band (times k, so 1 at the cutoff) and the low output.
struct Mix {
  float in, band, low;
};
constexpr Mix mixes[] = {{0, 0, 1}, {1, -1, -1}, {0, 1, 0}, {1, -1, 0}, {-1, 1, 2}, {1, -2, 0}};

// A tanh that leaves full scale as it is and lifts what is softer; the input itself for `steepness` 0.
inline float driven(float x, float steepness) {
  if (steepness < 1e-6f) return x;
  return dsp::tanh(steepness * x) / dsp::tanh(steepness);
}

class Filter final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is filtered."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The filtered sound."}};
  Param mode{
      *this,
      "mode",
      "Mode",
      {.choices = {"Low Pass", "High Pass", "Band Pass", "Notch", "Peak", "All Pass"},
       .doc = "What passes; 12 dB per octave. Peak is the difference of low and high pass. Changes fade in 10 ms."}};
  Param cutoff{*this,
               "cutoff",
               "Cutoff",
               {.min = 20,
                .max = 20000,
                .default_value = 1000,
                .unit = Unit::hertz,
                .taper = Taper::log,
                .smoothing_ms = 20,
                .doc = "Corner or centre, followed on every frame; at most 0.49 of the sample rate."}};
  Param q{
      *this,
      "q",
      "Q",
      {.min = 0.1,
       .max = 50,
       .default_value = 0.7071067811865476,
       .taper = Taper::log,
       .smoothing_ms = 20,
       .doc = "Resonance: the gain of the low and the high pass at the cutoff, 0.7071 is flat; centre over width of "
              "the others."}};
  Param drive_db{
      *this,
      "drive_db",
      "Drive",
      {.min = 0,
       .max = 24,
       .default_value = 0,
       .unit = Unit::decibels,
       .smoothing_ms = 20,
       .doc = "Saturation in front of the filter: a tanh that leaves full scale as it is and lifts soft sounds "
              "by at most so much. 0 is off."}};

  struct ModeLine {
    Mix from = mixes[0], to = mixes[0];
    int shown = 0;
    Frame position = 0;
  };
  ModeLine line;
  Frame line_frames = 1;
  bool settled = true;  // nobody heard the last frame: a new mode is there at once
  std::array<Svf, 2> sides;
  Kept goes_on{*this, line, settled, sides};
  double sample_rate = 48000;

  void activate(const Activation &activation) override {
    sample_rate = activation.sample_rate;
    line_frames = std::max(1, static_cast<Frame>(sample_rate * fade_seconds + 0.5));
    // The slowest decay there is, 20 Hz with a q of 50, falls from its resonance of 34 dB to -180 dB in 19.7 s.
    set_tail(static_cast<std::int64_t>(20 * sample_rate));
    reset();
  }

  void reset() override {
    for (Svf &side : sides) side.reset();
    settled = true;
  }

  bool is_over() const { return sides[0].is_over() && sides[1].is_over(); }

  void process(const Block &block) override {
    if (is_over() && effects::is_silent(in, block.frames)) {
      settled = true;
      return sleep();
    }
    const bool steady = cutoff.is_constant() && q.is_constant() && mode_rests();
    if (steady) run_steady(block.frames);
    else run_moving(block.frames);
    if (in.silent()) tail();
  }

  bool mode_rests() const {
    return mode.is_constant() && (settled || (mode.index() == line.shown && line.position == line_frames));
  }

  void run_steady(Frame frames) {
    const Coefficients c(response(cutoff.value(), q.value(), mix(mode.index())));
    for (Frame i = 0; i < frames; ++i) run_frame(i, c);
  }

  void run_moving(Frame frames) {
    for (Frame i = 0; i < frames; ++i) run_frame(i, Coefficients(response(cutoff[i], q[i], mix(mode_at(i)))));
  }

  int mode_at(Frame i) const { return static_cast<int>(mode[i] + 0.5f); }

  void run_frame(Frame i, const Coefficients &c) {
    const float left = in.left[i], right = in.right[i];
    const float steepness = drive_db[i] > 0.0f ? dsp::db_to_gain(drive_db[i]) - 1.0f : 0.0f;
    settled = left == 0.0f && right == 0.0f && is_over();
    out.left[i] = to_finite(sides[0].process(static_cast<double>(driven(left, steepness)), c));
    out.right[i] = to_finite(sides[1].process(static_cast<double>(driven(right, steepness)), c));
  }

  // The mix of this frame: a straight line of 10 ms from one mode's to the next one's.
  Mix mix(int index) {
    if (settled) line = {mixes[index], mixes[index], index, line_frames};
    else if (index != line.shown) line = {between(), mixes[index], index, 0};
    const Mix now = between();
    if (line.position < line_frames) ++line.position;
    return now;
  }
  Mix between() const {
    if (line.position == line_frames) return line.to;
    const float t = static_cast<float>(line.position) / static_cast<float>(line_frames);
    return {line.from.in + t * (line.to.in - line.from.in), line.from.band + t * (line.to.band - line.from.band),
            line.from.low + t * (line.to.low - line.from.low)};
  }

  Response response(float hertz, float resonance, const Mix &mix) const {
    const double k = 1.0 / static_cast<double>(resonance);
    return {effects::warped(static_cast<double>(hertz), sample_rate), k, static_cast<double>(mix.in),
            static_cast<double>(mix.band) * k, static_cast<double>(mix.low)};
  }
};

}  // namespace

ARRANGER_PLUGIN(Filter,
                {.id = "builtin.filter",
                 .name = "Filter",
                 .category = Category::filter,
                 .version = 1,
                 .doc = "A sweepable low pass, high pass, band pass, notch, peak or all pass with resonance and drive.",
                 .author = "Arranger",
                 .preserves_finite = true,
                 .in_place = true})
