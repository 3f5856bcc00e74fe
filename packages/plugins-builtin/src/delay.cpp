// SPDX-License-Identifier: MIT
// builtin.delay: echoes, in time or on the beat, with damping in the loop and ping-pong. While the time rests the delay is
// a whole number of frames and the first echo is the input bit for bit; a change glides there in 100 ms like a tape,
// interpolated through four points.
//
// audio_out holds the dry sound and so declares no delay. wet_out holds echoes alone and declares 64 frames, which lets a
// connection lead back from it.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>

#include "effects/fade.hpp"
#include "effects/glide.hpp"
#include "effects/range.hpp"
#include "effects/tempo.hpp"

using namespace arranger;
using effects::Fade;
using effects::Glide;
using effects::kept;
using effects::to_finite;

namespace {

constexpr double longest_seconds = 4.0, glide_seconds = 0.1, fade_seconds = 0.01;
constexpr Frame declared_delay = 64;
// Two more than declared: what interpolates reads a frame further ahead, and an input may come 64 frames late.
constexpr Frame shortest_delay = declared_delay + 2;
constexpr float greatest_feedback = 0.995f;

class Delay final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is repeated."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The input and the echoes, as dry and wet say."}};
  AudioOut wet_out{*this,
                   "wet_out",
                   "Wet Out",
                   {.doc = "The echoes alone, at their full level. A cycle may be closed through it.",
                    .delay_frames = declared_delay}};
  Param time_ms{
      *this,
      "time_ms",
      "Time",
      {.min = 1,
       .max = 4000,
       .default_value = 350,
       .unit = Unit::milliseconds,
       .taper = Taper::log,
       .doc = "Time between echoes where sync is off, to the nearest frame, at least 66 frames. A change glides "
              "there in 100 ms."}};
  Param sync{*this,
             "sync",
             "Sync",
             {.hint = Hint::toggle, .doc = "1 takes the time from beats and the tempo; a new tempo glides in 100 ms."}};
  Param beats{*this,
              "beats",
              "Beats",
              {.min = 0.03125,
               .max = 4,
               .default_value = 0.5,
               .unit = Unit::beats,
               .taper = Taper::log,
               .doc = "Time between echoes in quarter notes where sync is on, at most 4 seconds."}};
  Param feedback{
      *this,
      "feedback",
      "Feedback",
      {.default_value = 0.4,
       .smoothing_ms = 10,
       .doc = "Level of an echo relative to the one before; above 0.995 it counts as 0.995, so that echoes end."}};
  Param damping{
      *this,
      "damping",
      "Damping",
      {.default_value = 0,
       .smoothing_ms = 20,
       .doc = "Low pass in the loop, 6 dB per octave: 0 none, 0.5 from 1300 Hz, 1 from 300 Hz, once more for each "
              "further echo."}};
  Param ping_pong{
      *this,
      "ping_pong",
      "Ping-Pong",
      {.hint = Hint::toggle,
       .doc = "1 sends the sum of both sides left first and lets the echoes change sides. Fades in 10 ms."}};
  Param wet{
      *this, "wet", "Wet", {.default_value = 0.35, .smoothing_ms = 10, .doc = "Level of the echoes in audio_out."}};
  Param dry{*this, "dry", "Dry", {.default_value = 1, .smoothing_ms = 10, .doc = "Level of the input in audio_out."}};

  std::array<dsp::DelayLine, 2> lines;
  std::array<float, 2> damped{};
  Glide glide;
  Fade crossed;
  Frame longest = 1;
  Frame input_delay = 0;       // so late the inputs come: echoes are read that much earlier, the loop is not
  Frame quiet = 0, reach = 1;  // frames of zeros written since the last sound, and how many make the line empty
  Kept goes_on{*this, lines, damped, glide, crossed, quiet};
  double sample_rate = 48000, frames_per_beat = 24000;

  void activate(const Activation &activation) override {
    sample_rate = activation.sample_rate;
    input_delay = activation.input_delay;
    longest = static_cast<Frame>(longest_seconds * sample_rate + 0.5);
    reach = longest + 4;
    for (dsp::DelayLine &line : lines) line.resize(longest);
    glide.activate(sample_rate, glide_seconds);
    crossed.activate(sample_rate, fade_seconds);
    // Echoes of the greatest feedback fall by 180 dB in 4150 turns.
    set_tail(std::int64_t{4150} * longest);
    reset();
  }

  void reset() override {
    for (dsp::DelayLine &line : lines) line.reset();
    end();
  }

  // Nothing but zeros is in the lines, and nobody hears what changes.
  void end() {
    quiet = reach;
    damped = {};
    glide.settle();
    crossed.settle();
  }

  void process(const Block &block) override {
    if (quiet == reach && effects::is_silent(in, block.frames)) {
      end();
      return sleep();
    }
    const dsp::Signal pole = damping_poles(block.frames);
    for (Frame i : block) {
      const bool in_new_cell = i == 0 || (block.playing() && block.song_frame(i) % effects::tempo_cell == 0);
      if (in_new_cell && uses_tempo()) frames_per_beat = effects::frames_per_beat(block, i);
      run_frame(i, pole[i]);
    }
    if (in.silent()) tail();
  }

  // One-poles with the same corner in Hz at every sample rate: p = e^(-2 pi corner / sample_rate).
  dsp::Signal damping_poles(Frame frames) const {
    const auto pole = [this](float amount) {
      if (amount <= 0.0f) return 0.0f;
      const float corner = 300.0f + 1000.0f * (1.0f / amount - 1.0f);
      return dsp::exp2(-9.06472028f * corner / static_cast<float>(sample_rate));
    };
    if (damping.is_constant()) return {frames, pole(damping.value())};
    dsp::Signal out_poles(frames);
    for (Frame i = 0; i < frames; ++i) out_poles[i] = pole(damping[i]);
    return out_poles;
  }

  bool uses_tempo() const { return !sync.is_constant() || sync.on(); }

  Frame target(Frame i) const {
    const double frames = sync[i] >= 0.5f ? static_cast<double>(beats[i]) * frames_per_beat
                                          : static_cast<double>(time_ms[i]) * 0.001 * sample_rate;
    return static_cast<Frame>(std::clamp(frames + 0.5, double{shortest_delay}, static_cast<double>(longest)));
  }

  void run_frame(Frame i, float pole) {
    const std::array<float, 2> input{in.left[i], in.right[i]};
    const bool silent = input[0] == 0.0f && input[1] == 0.0f;
    if (quiet == reach && silent) {
      end();
      return write(i, input, {});
    }
    const double delay = glide.next(target(i));
    const float swap = crossed.next(ping_pong[i] >= 0.5f);
    const std::array<float, 2> echo = read(delay - input_delay);
    const std::array<float, 2> turned = input_delay == 0 ? echo : read(delay);
    const float level = dsp::detail::min(feedback[i], greatest_feedback);
    for (std::size_t side = 0; side < 2; ++side)
      damped[side] = kept(turned[side] + pole * (damped[side] - turned[side]));
    const float middle = 0.5f * input[0] + 0.5f * input[1];
    const float into_left = input[0] + swap * (middle - input[0]), into_right = (1.0f - swap) * input[1];
    const float left = kept(into_left + level * (damped[0] + swap * (damped[1] - damped[0])));
    const float right = kept(into_right + level * (damped[1] + swap * (damped[0] - damped[1])));
    lines[0].write(left);
    lines[1].write(right);
    const bool nothing = silent && left == 0.0f && right == 0.0f && damped[0] == 0.0f && damped[1] == 0.0f;
    quiet = nothing ? std::min(reach, quiet + 1) : 0;
    write(i, input, echo);
  }

  std::array<float, 2> read(double delay) const {
    const auto whole = static_cast<Frame>(delay);
    const auto part = static_cast<float>(delay - static_cast<double>(whole));
    if (part == 0.0f) return {lines[0].read(whole), lines[1].read(whole)};
    const auto at = [&](const dsp::DelayLine &line) {
      return dsp::cubic(line.read(whole - 1), line.read(whole), line.read(whole + 1), line.read(whole + 2), part);
    };
    return {at(lines[0]), at(lines[1])};
  }

  void write(Frame i, const std::array<float, 2> &input, const std::array<float, 2> &echo) {
    wet_out.left[i] = echo[0];
    wet_out.right[i] = echo[1];
    out.left[i] = to_finite(dry[i] * input[0] + wet[i] * echo[0]);
    out.right[i] = to_finite(dry[i] * input[1] + wet[i] * echo[1]);
  }
};

}  // namespace

ARRANGER_PLUGIN(Delay, {.id = "builtin.delay",
                        .name = "Delay",
                        .category = Category::effect,
                        .version = 1,
                        .doc = "Echoes in milliseconds or beats, with feedback, damping and ping-pong.",
                        .author = "Arranger",
                        .preserves_finite = true,
                        .in_place = true})
