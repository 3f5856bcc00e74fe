// SPDX-License-Identifier: MIT
// builtin.utility: gain, pan, width and polarity of one stereo signal; at its defaults every bit passes.
// In this order: polarity, mono and width, gain, pan, mute.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>

#include "effects/fade.hpp"
#include "effects/pan.hpp"
#include "effects/range.hpp"

using namespace arranger;
using effects::Fade;
using effects::side_gain;
using effects::to_finite;

namespace {

constexpr float silence_db = -96.0f;
constexpr double fade_seconds = 0.005;

inline float gain_of(float db) { return db <= silence_db ? 0.0f : dsp::db_to_gain(db); }

class Utility final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is to be changed."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The same with gain, pan, width and polarity applied."}};
  Param gain_db{*this,
                "gain_db",
                "Gain",
                {.min = silence_db,
                 .max = 24,
                 .default_value = 0,
                 .unit = Unit::decibels,
                 .smoothing_ms = 10,
                 .doc = "Gain of both sides; 0 leaves them as they are, -96 is silence."}};
  Param pan{*this,
            "pan",
            "Pan",
            {.min = -1,
             .max = 1,
             .default_value = 0,
             .smoothing_ms = 10,
             .doc = "-1 left, 0 centre (unchanged), 1 right. Equal power: +3 dB at the sides."}};
  Param width{*this,
              "width",
              "Width",
              {.min = 0,
               .max = 2,
               .default_value = 1,
               .smoothing_ms = 10,
               .doc = "Level of the difference of the sides: 0 mono, 1 unchanged, 2 twice as wide."}};
  Param invert_l{*this,
                 "invert_l",
                 "Invert Left",
                 {.hint = Hint::toggle, .doc = "1 turns the polarity of the left side round, within 5 ms."}};
  Param invert_r{*this,
                 "invert_r",
                 "Invert Right",
                 {.hint = Hint::toggle, .doc = "1 turns the polarity of the right side round, within 5 ms."}};
  Param mono{*this,
             "mono",
             "Mono",
             {.hint = Hint::toggle, .doc = "1 puts the mean of both sides on both, whatever the width, within 5 ms."}};
  Param mute{*this, "mute", "Mute", {.hint = Hint::toggle, .doc = "1 silences both sides, within 5 ms."}};

  Fade inverted_l, inverted_r, narrowed, muted;
  // Of the last block in which nothing moved; at unity there is nothing to be computed.
  struct {
    float gain_db = 0.0f, pan = 0.0f;
    std::array<float, 2> sides{1.0f, 1.0f};
  } known;
  const std::array<Fade *, 4> fades{&inverted_l, &inverted_r, &narrowed, &muted};

  void activate(const Activation &activation) override {
    for (Fade *fade : fades) fade->activate(activation.sample_rate, fade_seconds);
  }

  void reset() override { settle(); }

  void settle() {
    for (Fade *fade : fades) fade->settle();
  }

  void process(const Block &block) override {
    if (in.silent()) {
      settle();
      return sleep();
    }
    const Frame last = block.frames - 1;  // looked at first: the output may lie where the input does
    const bool ends_silent = effects::is_silent(in.left + last, in.right + last, 1);
    if (only_gain_and_pan()) {
      for (Fade *fade : fades) fade->next(false);
      run_gain_and_pan(block.frames);
    } else {
      run(block.frames);
    }
    if (ends_silent) settle();
  }

  bool only_gain_and_pan() const {
    const auto is_off = [](const Param &toggle, const Fade &fade) {
      return toggle.is_constant() && !toggle.on() && fade.is_at(false);
    };
    return width.is_constant() && width.value() == 1.0f && is_off(invert_l, inverted_l) &&
           is_off(invert_r, inverted_r) && is_off(mono, narrowed) && is_off(mute, muted);
  }

  // The same bits as `run`, which multiplies by 1 here.
  void run_gain_and_pan(Frame frames) {
    if (gain_db.is_constant() && pan.is_constant()) {
      if (gain_db.value() != known.gain_db || pan.value() != known.pan)
        known = {gain_db.value(), pan.value(), gains_at(0)};
      const auto [left, right] = known.sides;
      effects::multiply(in.left, left, out.left, frames);
      effects::multiply(in.right, right, out.right, frames);
      return;
    }
    dsp::Signal left_gain(frames), right_gain(frames);
    fill_gains(left_gain, right_gain);
    effects::multiply(in.left, left_gain.data(), out.left, frames);
    effects::multiply(in.right, right_gain.data(), out.right, frames);
  }

  void run(Frame frames) {
    dsp::Signal left_gain(frames), right_gain(frames);
    fill_gains(left_gain, right_gain);
    const dsp::Signal turned_l = faded(inverted_l, invert_l, frames), turned_r = faded(inverted_r, invert_r, frames);
    const dsp::Signal narrow = faded(narrowed, mono, frames), quiet = faded(muted, mute, frames);
    for (Frame i = 0; i < frames; ++i) {
      const float left = in.left[i] * (1.0f - 2.0f * turned_l[i]), right = in.right[i] * (1.0f - 2.0f * turned_r[i]);
      const float wide = width[i] * (1.0f - narrow[i]);
      const float middle = 0.5f * left + 0.5f * right, side = wide * (0.5f * left - 0.5f * right);
      const float heard = 1.0f - quiet[i];
      const float wide_left = wide == 1.0f ? left : to_finite(middle + side);
      const float wide_right = wide == 1.0f ? right : to_finite(middle - side);
      out.left[i] = to_finite(wide_left * (left_gain[i] * heard));
      out.right[i] = to_finite(wide_right * (right_gain[i] * heard));
    }
  }

  // The values of a toggle's fade; a frame of silence settles it.
  dsp::Signal faded(Fade &fade, const Param &toggle, Frame frames) const {
    if (toggle.is_constant() && fade.is_at(toggle.on())) return {frames, fade.next(toggle.on())};
    dsp::Signal values(frames);
    for (Frame i = 0; i < frames; ++i) {
      values[i] = fade.next(toggle[i] >= 0.5f);
      if (effects::is_silent(in.left + i, in.right + i, 1)) fade.settle();
    }
    return values;
  }

  std::array<float, 2> gains_at(Frame i) const {
    const float gain = gain_of(gain_db[i]);
    return {gain * side_gain(1.0f - pan[i]), gain * side_gain(1.0f + pan[i])};
  }

  void fill_gains(dsp::Signal &left, dsp::Signal &right) const {
    const Frame computed = gain_db.is_constant() && pan.is_constant() ? 1 : left.size();
    for (Frame i = 0; i < computed; ++i) {
      const auto [left_now, right_now] = gains_at(i);
      left[i] = left_now;
      right[i] = right_now;
    }
    std::fill_n(left.data() + computed, left.size() - computed, float{left[0]});
    std::fill_n(right.data() + computed, right.size() - computed, float{right[0]});
  }
};

}  // namespace

ARRANGER_PLUGIN(Utility, {.id = "builtin.utility",
                          .name = "Utility",
                          .category = Category::utility,
                          .version = 1,
                          .doc = "Gain, equal-power pan, stereo width, mono, polarity and mute of one stereo signal.",
                          .author = "Arranger",
                          .preserves_finite = true,
                          .in_place = true})
