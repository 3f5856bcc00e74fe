// SPDX-License-Identifier: MIT
// builtin.chorus: up to four voices, each a delay that an oscillator moves. After Jon Dattorro, "Effect Design Part 2:
// Delay-Line Modulation and Chorus" (1997): one line per side, several moving taps, and the feedback from a tap that
// rests, so that it does not wobble. Taps are interpolated through four points.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "effects/fade.hpp"
#include "effects/range.hpp"

using namespace arranger;
using effects::Fade;
using effects::kept;
using effects::to_finite;

namespace {

constexpr int max_voices = 4;
constexpr double longest_ms = 60.0, fade_seconds = 0.02;
// Two voices are opposite to each other, four a quarter turn apart.
constexpr std::uint32_t quarter_turn = 0x40000000u;
constexpr std::uint32_t voice_phase[max_voices] = {0, 2 * quarter_turn, quarter_turn, 3 * quarter_turn};

class Chorus final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is to be multiplied."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The input and its voices, as mix says."}};
  Param voices{*this,
               "voices",
               "Voices",
               {.min = 1,
                .max = max_voices,
                .default_value = 2,
                .hint = Hint::integer,
                .doc = "How many moving delays there are; one that comes or goes fades in 20 ms."}};
  Param rate{*this,
             "rate",
             "Rate",
             {.min = 0.01,
              .max = 10,
              .default_value = 0.6,
              .unit = Unit::hertz,
              .taper = Taper::log,
              .smoothing_ms = 20,
              .doc = "How often a voice goes to and fro per second, along a sine that begins with the first sound."}};
  Param depth_ms{*this,
                 "depth_ms",
                 "Depth",
                 {.min = 0,
                  .max = 10,
                  .default_value = 3,
                  .unit = Unit::milliseconds,
                  .smoothing_ms = 50,
                  .doc = "How much longer than delay_ms a voice's delay becomes at most."}};
  Param delay_ms{*this,
                 "delay_ms",
                 "Delay",
                 {.min = 1,
                  .max = 50,
                  .default_value = 8,
                  .unit = Unit::milliseconds,
                  .smoothing_ms = 50,
                  .doc = "The shortest delay of a voice."}};
  Param feedback{
      *this,
      "feedback",
      "Feedback",
      {.min = -0.95,
       .max = 0.95,
       .default_value = 0,
       .smoothing_ms = 10,
       .doc = "How much of the line goes into it again, from the middle of the voices' way: towards a flanger."}};
  Param spread{
      *this,
      "spread",
      "Spread",
      {.default_value = 1,
       .smoothing_ms = 20,
       .doc = "How far the right side's oscillators are ahead of the left side's: 0 not at all, 1 a quarter turn."}};
  Param mix{*this,
            "mix",
            "Mix",
            {.default_value = 0.5, .smoothing_ms = 10, .doc = "0 the input as it is, 1 the voices alone."}};

  std::array<dsp::DelayLine, 2> lines;
  std::array<Fade, max_voices> heard;
  std::uint32_t phase = 0;
  Frame quiet = 0, reach = 1;  // frames of zeros written since the last sound, and how many make the lines empty
  Kept goes_on{*this, lines, heard, phase, quiet};
  double sample_rate = 48000;

  void activate(const Activation &activation) override {
    sample_rate = activation.sample_rate;
    const auto longest = static_cast<Frame>(std::ceil(longest_ms * 0.001 * sample_rate)) + 2;
    for (dsp::DelayLine &line : lines) line.resize(longest);
    for (Fade &fade : heard) fade.activate(sample_rate, fade_seconds);
    reach = longest + 4;
    // The greatest feedback falls by 180 dB in 405 turns, and no turn is longer than the line.
    set_tail(std::int64_t{405} * longest);
    reset();
  }

  void reset() override {
    for (dsp::DelayLine &line : lines) line.reset();
    end();
  }

  // Nothing but zeros is in the lines: the next sound begins as the first one did.
  void end() {
    quiet = reach;
    phase = 0;
    for (Fade &fade : heard) fade.settle();
  }

  void process(const Block &block) override {
    if (quiet == reach && effects::is_silent(in, block.frames)) {
      end();
      return sleep();
    }
    const dsp::PhaseStep step(sample_rate);
    for (Frame i : block) run_frame(i, step);
    if (in.silent()) tail();
  }

  void run_frame(Frame i, const dsp::PhaseStep &step) {
    const std::array<float, 2> input{in.left[i], in.right[i]};
    const bool silent = input[0] == 0.0f && input[1] == 0.0f;
    if (quiet == reach && silent) {
      end();
      out.left[i] = out.right[i] = 0.0f;
      return;
    }
    const auto frames_per_ms = static_cast<float>(0.001 * sample_rate);
    const float shortest = delay_ms[i] * frames_per_ms, depth = depth_ms[i] * frames_per_ms;
    const std::array<float, max_voices> level = voice_levels(i);
    const auto ahead = static_cast<std::uint32_t>(spread[i] * static_cast<float>(quarter_turn));
    bool nothing = silent;
    std::array<float, 2> wet;
    for (std::size_t side = 0; side < 2; ++side) {
      const std::uint32_t here = side == 0 ? phase : phase + ahead;
      wet[side] = sum_of_voices(lines[side], here, shortest, depth, level);
      const float into = kept(input[side] + feedback[i] * lines[side].read_cubic(shortest + 0.5f * depth));
      lines[side].write(into);
      nothing = nothing && into == 0.0f;
    }
    quiet = nothing ? std::min(reach, quiet + 1) : 0;
    phase += static_cast<std::uint32_t>(step(rate[i]));
    out.left[i] = to_finite((1.0f - mix[i]) * input[0] + mix[i] * wet[0]);
    out.right[i] = to_finite((1.0f - mix[i]) * input[1] + mix[i] * wet[1]);
  }

  // Levels whose squares add up to 1, so that more voices are not louder.
  std::array<float, max_voices> voice_levels(Frame i) {
    std::array<float, max_voices> level;
    float power = 0.0f;
    for (int v = 0; v < max_voices; ++v) {
      const auto n = static_cast<std::size_t>(v);
      level[n] = heard[n].next(static_cast<float>(v) < voices[i] - 0.5f);
      power += level[n] * level[n];
    }
    const float scale = 1.0f / std::sqrt(power);
    for (float &one : level) one *= scale;
    return level;
  }

  static float sum_of_voices(const dsp::DelayLine &line, std::uint32_t phase, float shortest, float depth,
                             const std::array<float, max_voices> &level) {
    float sum = 0.0f;
    for (std::size_t n = 0; n < max_voices; ++n) {
      if (level[n] == 0.0f) continue;
      const float way = 0.5f + 0.5f * dsp::sine_of_phase(phase + voice_phase[n]);
      sum += level[n] * line.read_cubic(shortest + depth * way);
    }
    return sum;
  }
};

}  // namespace

ARRANGER_PLUGIN(Chorus, {.id = "builtin.chorus",
                         .name = "Chorus",
                         .category = Category::effect,
                         .version = 1,
                         .doc = "One to four voices of moving delay, with feedback and stereo spread.",
                         .author = "Arranger",
                         .preserves_finite = true,
                         .in_place = true})
