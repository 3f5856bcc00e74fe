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

#include "effects/each_frame.hpp"
#include "effects/fade.hpp"
#include "effects/glide.hpp"
#include "effects/prefetch.hpp"
#include "effects/range.hpp"
#include "effects/tempo.hpp"
#include "effects/values.hpp"

using namespace arranger;
using effects::all;
using effects::each_frame;
using effects::Fade;
using effects::Glide;
using effects::kept;
using effects::lesser;
using effects::limited;
using effects::load;
using effects::store;
using Sides = std::array<dsp::Signal, 2>;

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
    const dsp::Signal pole = damping_poles(damps() ? block.frames : 0);
    for (Frame begin = 0, end; begin < block.frames; begin = end) {
      end = uses_tempo() ? end_of_cell(block, begin) : block.frames;
      if (uses_tempo()) frames_per_beat = effects::frames_per_beat(block, begin);
      for (Frame i = begin; i < end;) i += run(i, end - i, pole);
    }
    if (in.silent()) tail();
  }

  // The tempo is the same up to there.
  static Frame end_of_cell(const Block &block, Frame begin) {
    if (!block.playing()) return block.frames;
    const std::int64_t left = effects::tempo_cell - block.song_frame(begin) % effects::tempo_cell;
    return static_cast<Frame>(std::min<std::int64_t>(block.frames, begin + left));
  }

  // Runs some of the frames from `at` on, as many as are alike, and returns their number.
  Frame run(Frame at, Frame frames, const dsp::Signal &pole) {
    if (quiet == reach) {
      Frame silent = 0;
      while (silent < frames && in.left[at + silent] == 0.0f && in.right[at + silent] == 0.0f) ++silent;
      if (silent > 0) return skip(at, silent);
    }
    const Frame delay = target(at);
    if (!rests() || !glide.rests_at(delay) || !crossed.is_at(ping_pong.on())) {
      run_frame(at, damps() ? float{pole[at]} : 0.0f);
      return 1;
    }
    // What is read was written before, and the lines are found to be empty where they are.
    return run_at_rest(at, std::min({frames, delay - input_delay, quiet == reach ? reach : reach - quiet}), pole);
  }

  bool rests() const {
    return sync.is_constant() && (sync.on() ? beats : time_ms).is_constant() && ping_pong.is_constant();
  }

  // Silence into empty lines.
  Frame skip(Frame at, Frame frames) {
    end();
    for (float *const side : {out.left, out.right, wet_out.left, wet_out.right}) std::fill_n(side + at, frames, 0.0f);
    return frames;
  }

  bool damps() const { return !damping.is_constant() || damping.value() > 0.0f; }

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
    const double delay = glide.next(target(i));
    const float swap = crossed.next(ping_pong[i] >= 0.5f);
    const std::array<float, 2> echo = read(delay - input_delay);
    const std::array<float, 2> turned = input_delay == 0 ? echo : read(delay);
    const float level = dsp::detail::min(feedback[i], greatest_feedback);
    for (std::size_t side = 0; side < 2; ++side)
      damped[side] = kept(turned[side] + pole * (damped[side] - turned[side]));
    const auto [left, right] = fed_back(input, damped, level, swap);
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

  // What goes into the lines: of one frame, or of as many as V has.
  template <class V>
  static std::array<V, 2> fed_back(const std::array<V, 2> &input, const std::array<V, 2> &echo, V level, float swap) {
    if (swap == 0.0f) return {kept(input[0] + level * echo[0]), kept(input[1] + level * echo[1])};
    const V middle = 0.5f * input[0] + 0.5f * input[1];
    const V into_left = input[0] + swap * (middle - input[0]), into_right = (1.0f - swap) * input[1];
    return {kept(into_left + level * (echo[0] + swap * (echo[1] - echo[0]))),
            kept(into_right + level * (echo[1] + swap * (echo[0] - echo[1])))};
  }

  void write(Frame i, const std::array<float, 2> &input, const std::array<float, 2> &echo) {
    wet_out.left[i] = echo[0];
    wet_out.right[i] = echo[1];
    out.left[i] = limited(dry[i] * input[0] + wet[i] * echo[0], effects::greatest);
    out.right[i] = limited(dry[i] * input[1] + wet[i] * echo[1], effects::greatest);
  }

  // The same as run_frame, at most `frames` times, where the delay is a whole number of frames and nothing fades;
  // returns how often.
  Frame run_at_rest(Frame at, Frame frames, const dsp::Signal &pole) {
    const auto delay = static_cast<Frame>(glide.next(target(at)));
    const float swap = crossed.next(ping_pong.on());
    for (const Frame of : {delay - input_delay, delay}) frames = lines[0].in_a_row(of, frames);
    if (damps()) {  // else the line holds nothing that `kept` would change
      Sides turned{lines[0].read(delay, frames), lines[1].read(delay, frames)};
      for (std::size_t side = 0; side < 2; ++side) damp(turned[side], damped[side], pole, at);
      turn(at, frames, delay, {turned[0].data(), turned[1].data()}, swap);
    } else {
      turn(at, frames, delay, {lines[0].next(delay), lines[1].next(delay)}, swap);
    }
    return frames;
  }

  static void damp(dsp::Signal &side, float state, const dsp::Signal &pole, Frame at) {
    for (Frame i = 0; i < side.size(); ++i) side[i] = state = kept(side[i] + pole[at + i] * (state - side[i]));
  }

  // `turned`: what comes out of the loop, to go into the lines once more.
  void turn(Frame at, Frame frames, Frame delay, const std::array<const float *, 2> &turned, float swap) {
    count_quiet(at, frames, turned);  // first: the outputs may lie where the inputs do
    if (swap == 0.0f) turn_sides<false>(at, frames, delay, turned, swap);
    else turn_sides<true>(at, frames, delay, turned, swap);
    for (std::size_t side = 0; side < 2; ++side) {
      damped[side] = turned[side][frames - 1];
      lines[side].advance(frames);
    }
  }

  template <bool crosses>
  void turn_sides(Frame at, Frame frames, Frame delay, const std::array<const float *, 2> &turned, float swap) {
    const auto use = [&](auto... values) { turn_sides<crosses>(at, frames, delay, turned, swap, values...); };
    effects::with_values(use, at, feedback, dry, wet);
  }

  // The lines are asked for ahead: they are read and written a piece per block, too short for the processor to see that more
  // will follow.
  template <bool crosses, class Values>
  void turn_sides(Frame at, Frame frames, Frame delay, const std::array<const float *, 2> &turned, float swap,
                  Values levels, Values dries, Values wets) {
    const Frame ahead = delay - input_delay;
    each_frame(frames, [swap = crosses ? swap : 0.0f, levels, dries, wets, in_l = in.left + at, in_r = in.right + at,
                        echo_l = lines[0].next(ahead), echo_r = lines[1].next(ahead), turned_l = turned[0],
                        turned_r = turned[1], line_l = lines[0].next(), line_r = lines[1].next(), out_l = out.left + at,
                        out_r = out.right + at, wet_l = wet_out.left + at,
                        wet_r = wet_out.right + at]<class V>(Frame i) {
      for (const float *line : {echo_l, echo_r, static_cast<const float *>(line_l), static_cast<const float *>(line_r)})
        effects::prefetch(line + i + max_block_frames);
      const V level = lesser(levels.template at<V>(i), all<V>(greatest_feedback));
      const std::array<V, 2> input{load<V>(in_l + i), load<V>(in_r + i)};
      const std::array<V, 2> echo{load<V>(echo_l + i), load<V>(echo_r + i)};
      const auto [left, right] = fed_back<V>(input, {load<V>(turned_l + i), load<V>(turned_r + i)}, level, swap);
      store(line_l + i, left);
      store(line_r + i, right);
      store(wet_l + i, echo[0]);
      store(wet_r + i, echo[1]);
      const V dry_now = dries.template at<V>(i), wet_now = wets.template at<V>(i);
      store(out_l + i, limited(dry_now * input[0] + wet_now * echo[0], effects::greatest));
      store(out_r + i, limited(dry_now * input[1] + wet_now * echo[1], effects::greatest));
    });
  }

  // Where nothing comes in and nothing comes round, nothing goes into the lines.
  void count_quiet(Frame at, Frame frames, const std::array<const float *, 2> &turned) {
    Frame last = frames - 1;
    while (last >= 0 && in.left[at + last] == 0.0f && in.right[at + last] == 0.0f && turned[0][last] == 0.0f &&
           turned[1][last] == 0.0f)
      --last;
    quiet = last < 0 ? std::min(reach, quiet + frames) : frames - 1 - last;
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
