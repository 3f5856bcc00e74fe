// SPDX-License-Identifier: MIT
// builtin.mixer: sums stereo channels with gain, pan, mute and solo, and keeps the sum from clipping hard.
//
// Pan is equal-power with unity at the centre: left = √2 cos θ, right = √2 sin θ, θ = (1 + pan) π/4. A centred channel
// passes bit for bit (0 dB on both sides), one panned to a side has +3 dB there and exactly nothing on the other.
// Mute and solo fade over 5 ms, so they do not click; a channel that is silent just then changes at once.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <bit>
#include <vector>

#include "effects/pan.hpp"

using namespace arranger;
using effects::side_gain;

namespace {

constexpr double fade_seconds = 0.005;

// The identity up to -6 dBFS (one half), from there a tanh that meets it in value and slope and ends at 1.
inline float soft_clipped(float x) {
  const float size = x < 0.0f ? -x : x;
  const float bent = 0.5f + 0.5f * dsp::tanh(2.0f * (size - 0.5f));
  return size <= 0.5f ? x : (x < 0.0f ? -bent : bent);
}

// Bits of the greatest magnitude: integers order as the floats do, and their maximum vectorises.
inline std::int32_t peak_bits(const float *samples, Frame frames) {
  std::int32_t peak = 0;
  for (Frame i = 0; i < frames; ++i)
    peak = std::max(peak, static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(samples[i]) & 0x7fffffffu));
  return peak;
}

// A channel's way between muted (0) and heard (the fade's length). After a silent frame the next one is at its target:
// nobody hears that step, and so a mixer that slept through silence is where one that ran through it would be.
struct Fade {
  Frame position = 0;
  bool at_target = true;
};

class Mixer final : public Plugin {
  Config channel_count{*this,
                       "channel_count",
                       "Channels",
                       {.type = ConfigType::integer,
                        .default_number = 2,
                        .min = 0,
                        .max = 256,
                        .doc = "Number of channels; changing it changes the ports."}};
  PortArray<AudioIn> inputs{*this, channel_count, "audio_in_", "In ", PortOptions{.doc = "A stereo channel."}};
  PortArray<Param> gains{*this, channel_count, "gain_", "Gain ",
                         ParamOptions{.min = 0,
                                      .max = 2,
                                      .default_value = 1,
                                      .taper = Taper::db,
                                      .smoothing_ms = 10,
                                      .doc = "Linear gain of the channel; 1 leaves it as it is."}};
  PortArray<Param> pans{
      *this, channel_count, "pan_", "Pan ",
      ParamOptions{.min = -1,
                   .max = 1,
                   .default_value = 0,
                   .smoothing_ms = 10,
                   .doc = "-1 left, 0 centre (unchanged), 1 right. Equal power: +3 dB at the sides."}};
  PortArray<Param> mutes{*this, channel_count, "mute_", "Mute ",
                         ParamOptions{.hint = Hint::toggle, .doc = "1 silences the channel."}};
  PortArray<Param> solos{
      *this, channel_count, "solo_", "Solo ",
      ParamOptions{.hint = Hint::toggle,
                   .doc = "While any channel is solo only solo channels sound; mute still silences them."}};
  Param master_gain{*this,
                    "master_gain",
                    "Master Gain",
                    {.min = 0,
                     .max = 2,
                     .default_value = 1,
                     .taper = Taper::db,
                     .smoothing_ms = 10,
                     .doc = "Linear gain of the sum, before the soft clipper."}};
  Param soft_clip{*this,
                  "soft_clip",
                  "Soft Clip",
                  {.default_value = 1,
                   .hint = Hint::toggle,
                   .doc = "Bends what exceeds -6 dBFS towards 0 dBFS with a tanh; below, every bit stays as it is."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The mix."}};
  Monitor level_l{
      *this, "level_l", "Level L", {.max = 2, .hint = Hint::meter, .doc = "Peak of the left output, linear."}};
  Monitor level_r{
      *this, "level_r", "Level R", {.max = 2, .hint = Hint::meter, .doc = "Peak of the right output, linear."}};

  std::vector<Fade> fades;
  Frame fade_frames = 1;
  std::int32_t peak_l = 0, peak_r = 0;  // of the call so far, as bits

  struct Sum {
    alignas(64) float left[max_block_frames] = {};
    alignas(64) float right[max_block_frames] = {};
    bool silent = true;
  };
  // Whether any channel is solo, frame by frame where that can change.
  struct Solo {
    bool constant = true;
    bool any[max_block_frames];
  };

  void activate(const Activation &activation) override {
    fade_frames = std::max(1, static_cast<Frame>(activation.sample_rate * fade_seconds));
    fades.assign(static_cast<std::size_t>(inputs.size()), Fade{});
  }

  void reset() override { std::fill(fades.begin(), fades.end(), Fade{}); }

  void process(const Block &block) override {
    if (block.offset == 0) peak_l = peak_r = 0;

    Sum sum;
    bool inputs_silent = true;
    const Solo solo = any_solo(block);
    for (int channel = 0; channel < inputs.size(); ++channel) {
      if (inputs[channel].silent()) {
        fades[static_cast<std::size_t>(channel)].at_target = true;
        continue;
      }
      inputs_silent = false;
      add(channel, block, solo, sum);
    }
    if (sum.silent) out.set_silent();
    else finish(block, sum);
    level_l.set(std::bit_cast<float>(peak_l));
    level_r.set(std::bit_cast<float>(peak_r));
    if (inputs_silent) sleep();
  }

  Solo any_solo(const Block &block) const {
    Solo solo;
    std::fill_n(solo.any, block.frames, false);
    for (int channel = 0; channel < solos.size(); ++channel) {
      const Param &param = solos[channel];
      if (param.is_constant() && !param.on()) continue;
      solo.constant = solo.constant && param.is_constant();
      for (Frame i : block) solo.any[i] = solo.any[i] || param[i] >= 0.5f;
    }
    return solo;
  }

  void add(int channel, const Block &block, const Solo &solo, Sum &sum) {
    Fade &fade = fades[static_cast<std::size_t>(channel)];
    const AudioIn &in = inputs[channel];
    const Param &mute = mutes[channel], &soloed = solos[channel];
    const auto target = [&](Frame i) {
      return mute[i] < 0.5f && (!solo.any[i] || soloed[i] >= 0.5f) ? fade_frames : 0;
    };
    const bool constant = solo.constant && mute.is_constant() && soloed.is_constant();
    if (constant && (fade.at_target || fade.position == target(0))) {
      fade.position = target(0);
      if (fade.position != 0) add_at(channel, block, sum, [](Frame) { return 1.0f; });
      const Frame last = block.frames - 1;
      fade.at_target = in.left[last] == 0.0f && in.right[last] == 0.0f;
      return;
    }
    dsp::Signal level(block.frames);
    for (Frame i : block) {
      const Frame goal = target(i);
      fade.position = fade.at_target ? goal : fade.position + (goal > fade.position) - (goal < fade.position);
      level[i] = static_cast<float>(fade.position) / static_cast<float>(fade_frames);
      fade.at_target = in.left[i] == 0.0f && in.right[i] == 0.0f;
    }
    add_at(channel, block, sum, [&](Frame i) { return level[i]; });
  }

  // The expression is one and the same whether or not anything moves, so that the bits are too.
  template <class Level>
  void add_at(int channel, const Block &block, Sum &sum, Level level) {
    const Param &gain = gains[channel], &pan = pans[channel];
    const float *left = inputs[channel].left, *right = inputs[channel].right;
    sum.silent = false;
    if (gain.is_constant() && pan.is_constant()) {
      const float gain_l = gain.value() * side_gain(1.0f - pan.value());
      const float gain_r = gain.value() * side_gain(1.0f + pan.value());
      for (Frame i = 0; i < block.frames; ++i) {
        sum.left[i] += left[i] * (gain_l * level(i));
        sum.right[i] += right[i] * (gain_r * level(i));
      }
      return;
    }
    const float *gain_at = gain.data(), *pan_at = pan.data();
    for (Frame i = 0; i < block.frames; ++i) {
      sum.left[i] += left[i] * (gain_at[i] * side_gain(1.0f - pan_at[i]) * level(i));
      sum.right[i] += right[i] * (gain_at[i] * side_gain(1.0f + pan_at[i]) * level(i));
    }
  }

  void finish(const Block &block, Sum &sum) {
    const float *master = master_gain.data();
    for (Frame i = 0; i < block.frames; ++i) {
      sum.left[i] *= master[i];
      sum.right[i] *= master[i];
    }
    clip(sum.left, out.left, block.frames);
    clip(sum.right, out.right, block.frames);
    peak_l = std::max(peak_l, peak_bits(out.left, block.frames));
    peak_r = std::max(peak_r, peak_bits(out.right, block.frames));
  }

  void clip(const float *in, float *to, Frame frames) const {
    const bool off = soft_clip.is_constant() && !soft_clip.on();
    if (off || std::bit_cast<float>(peak_bits(in, frames)) <= 0.5f) {
      std::copy_n(in, frames, to);
      return;
    }
    const float *on = soft_clip.data();
    for (Frame i = 0; i < frames; ++i) to[i] = on[i] >= 0.5f ? soft_clipped(in[i]) : in[i];
  }
};

}  // namespace

ARRANGER_PLUGIN(
    Mixer, {.id = "builtin.mixer",
            .name = "Mixer",
            .category = Category::mixer,
            .version = 1,
            .doc = "Sums stereo channels with gain, equal-power pan, mute and solo, a master gain and a soft clipper.",
            .author = "Arranger",
            .preserves_finite = true,
            .in_place = true})
