// SPDX-License-Identifier: MIT
// builtin.reverb: a room. Freeverb by Jezar at Dreampoint (2000, public domain): eight damped combs in parallel, then
// four all-passes in series, per side; its tunings, scaled with the sample rate. New here: the one-pole filters of all
// combs run side by side in vectors, everything else along time; the level is normalised to the room; the tail ends.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

using namespace arranger;

namespace {

constexpr int combs = 8, all_passes = 4, sides = 2, lanes = sides * combs;
constexpr double tuned_rate = 44100.0;
constexpr int comb_frames[combs] = {1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617};
constexpr int all_pass_frames[all_passes] = {556, 441, 341, 225};
constexpr int right_spread = 23;

constexpr float room_offset = 0.7f, room_scale = 0.28f, damp_scale = 0.4f, all_pass_feedback = 0.5f;
// The power of a comb's response is 1 / (1 - feedback²). With that taken out and this factor, noise of full scale stays
// below full scale in every room, and a small room is as loud as a large one.
constexpr float level = 0.03f;
// A frame below this (-120 dB) is quiet; where all have been for long enough, the tail is over.
constexpr float quiet_level = 0x1p-20f;

// Four floats as one value, where the compiler has them; the lanes never mix, so the bits are those of plain loops.
#if defined(__GNUC__)
using Four = float __attribute__((vector_size(16)));
inline Four load(const float *from) {
  Four four;
  __builtin_memcpy(&four, from, sizeof four);
  return four;
}
inline void store(float *to, Four four) { __builtin_memcpy(to, &four, sizeof four); }
inline void transpose(Four (&r)[4]) {
  const Four a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
  const Four c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  r[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  r[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  r[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  r[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}
inline Four one_pole(Four x, Four state, float damp) { return x * (1.0f - damp) + state * damp; }
#else
struct Four {
  float at[4];
  float &operator[](int i) { return at[i]; }
};
inline Four load(const float *from) { return {{from[0], from[1], from[2], from[3]}}; }
inline void store(float *to, Four four) { std::copy_n(four.at, 4, to); }
inline void transpose(Four (&r)[4]) {
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < i; ++j) std::swap(r[i][j], r[j][i]);
}
inline Four one_pole(Four x, Four state, float damp) {
  for (int i = 0; i < 4; ++i) state[i] = x[i] * (1.0f - damp) + state[i] * damp;
  return state;
}
#endif

// The identity up to one half, from there a tanh that meets it in value and slope and ends at 1.
inline float bounded(float x) {
  const float size = x < 0.0f ? -x : x;
  const float bent = 0.5f + 0.5f * dsp::tanh(2.0f * (size - 0.5f));
  return size <= 0.5f ? x : (x < 0.0f ? -bent : bent);
}

inline std::int32_t magnitude_bits(float x) {
  return static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(x) & 0x7fffffffu);
}

using Delayed = std::array<dsp::Signal, lanes>;  // what leaves the combs' lines
using Room = std::array<dsp::Signal, sides>;

class Reverb final : public Plugin {
  AudioIn in{
      *this, "audio_in", "Audio In", {.doc = "Its sides are summed into the room and kept apart in the dry part."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The dry and the wet part."}};
  Param room_size{*this,
                  "room_size",
                  "Room Size",
                  {.default_value = 0.7,
                   .smoothing_ms = 50,
                   .doc = "Length of the tail: from about 0.7 s at 0 to 12 s at 1 for 60 dB, undamped."}};
  Param damping{*this,
                "damping",
                "Damping",
                {.default_value = 0.5, .smoothing_ms = 50, .doc = "How much sooner high frequencies die away."}};
  Param wet{*this,
            "wet",
            "Wet",
            {.default_value = 0.3,
             .smoothing_ms = 10,
             .doc = "Level of the room. At 1 it stays within full scale for any input that does."}};
  Param dry{*this, "dry", "Dry", {.default_value = 1, .smoothing_ms = 10, .doc = "Level of the input as it is."}};
  Param width{*this,
              "width",
              "Width",
              {.default_value = 1, .smoothing_ms = 10, .doc = "Stereo width of the room: 0 mono, 1 full."}};

  std::array<dsp::DelayLine, lanes> comb_lines;
  std::array<std::array<dsp::DelayLine, all_passes>, sides> all_pass_lines;
  std::array<Frame, lanes> comb_delays{};
  std::array<std::array<Frame, all_passes>, sides> all_pass_delays{};
  alignas(64) float damped[lanes] = {};    // state of the one-poles
  Frame longest_piece = max_block_frames;  // no delay is shorter
  Frame quiet = 0, hold = 0;               // frames that have been quiet; so many end the tail
  float damp_power = 1.0f;

  void activate(const Activation &activation) override {
    const double scale = activation.sample_rate / tuned_rate;
    const auto frames = [scale](int tuned) { return static_cast<Frame>(static_cast<double>(tuned) * scale + 0.5); };
    longest_piece = max_block_frames;
    hold = 0;
    for (int side = 0; side < sides; ++side) {
      for (int n = 0; n < combs; ++n) {
        const auto lane = static_cast<std::size_t>(side * combs + n);
        comb_delays[lane] = frames(comb_frames[n] + side * right_spread);
        comb_lines[lane].resize(comb_delays[lane]);
      }
      for (std::size_t n = 0; n < all_passes; ++n) {
        Frame &delay = all_pass_delays[static_cast<std::size_t>(side)][n];
        delay = frames(all_pass_frames[n] + side * right_spread);
        all_pass_lines[static_cast<std::size_t>(side)][n].resize(delay);
        longest_piece = std::min(longest_piece, delay);
        if (side == sides - 1) hold += delay;
      }
    }
    const Frame longest = comb_delays[lanes - 1];
    hold += 2 * longest;
    damp_power = static_cast<float>(1.0 / scale);  // a pole of the same corner at another rate
    constexpr int turns_to_end = 690;              // the longest room falls by 120 dB in 684 turns
    set_tail(static_cast<std::int64_t>(turns_to_end) * longest + hold);
    reset();
  }

  void reset() override {
    for (auto &line : comb_lines) line.reset();
    for (auto &side : all_pass_lines)
      for (auto &line : side) line.reset();
    std::fill_n(damped, lanes, 0.0f);
    quiet = hold;
  }

  void process(const Block &block) override {
    if (quiet == hold && is_silent(block.frames)) return sleep();
    for (Frame at = 0; at < block.frames;) {
      // A tail ends on its own frame, wherever a call does.
      const Frame left = quiet < hold ? hold - quiet : max_block_frames;
      const Frame frames = std::min({block.frames - at, left, longest_piece});
      const bool was_over = quiet == hold;
      run(at, frames);
      if (quiet >= hold && !was_over) reset();
      at += frames;
    }
    if (in.silent()) tail();
  }

  bool is_silent(Frame frames) const {
    if (in.silent()) return true;
    std::int32_t peak = 0;
    for (Frame i = 0; i < frames; ++i)
      peak = std::max(peak, std::max(magnitude_bits(in.left[i]), magnitude_bits(in.right[i])));
    return peak == 0;
  }

  void run(Frame at, Frame frames) {
    dsp::Signal input(frames), feedback(frames), damp(frames);
    for (Frame i = 0; i < frames; ++i) {
      feedback[i] = room_offset + room_scale * room_size[at + i];
      input[i] =
          (0.5f * in.left[at + i] + 0.5f * in.right[at + i]) * (level * std::sqrt(1.0f - feedback[i] * feedback[i]));
    }
    fill_damp(damp, at);
    Room room{dsp::Signal(frames), dsp::Signal(frames)};
    run_combs(input, feedback, damp, room);
    for (std::size_t side = 0; side < sides; ++side) run_all_passes(side, room[side]);
    mix(at, room);
  }

  // The one-pole's coefficient, brought to the sample rate: the same corner in Hz.
  void fill_damp(dsp::Signal &damp, Frame at) const {
    const auto scaled = [this](float value) { return dsp::exp2(dsp::log2(damp_scale * value) * damp_power); };
    if (damping.is_constant()) {
      const float value = scaled(damping.value());
      for (Frame i = 0; i < damp.size(); ++i) damp[i] = value;
    } else {
      for (Frame i = 0; i < damp.size(); ++i) damp[i] = scaled(damping[at + i]);
    }
  }

  void run_combs(const dsp::Signal &input, const dsp::Signal &feedback, const dsp::Signal &damp, Room &room) {
    const Frame frames = input.size();
    Delayed delayed = [&]<std::size_t... lane>(std::index_sequence<lane...>) {
      return Delayed{comb_lines[lane].read(comb_delays[lane], frames)...};
    }(std::make_index_sequence<lanes>());
    for (std::size_t side = 0; side < sides; ++side) {
      const dsp::Signal *line = &delayed[side * combs];
      for (Frame i = 0; i < frames; ++i) {
        const float first = ((line[0][i] + line[1][i]) + line[2][i]) + line[3][i];
        room[side][i] = (((first + line[4][i]) + line[5][i]) + line[6][i]) + line[7][i];
      }
    }
    run_filters(delayed, damp);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      dsp::Signal &back = delayed[lane];
      for (Frame i = 0; i < frames; ++i) back[i] = input[i] + feedback[i] * back[i];
      comb_lines[lane].write(back);
    }
  }

  // Only these recursions go from frame to frame, so they run across the combs: four at a time, all of them at once.
  void run_filters(Delayed &delayed, const dsp::Signal &damp) {
    constexpr int groups = lanes / 4;
    const Frame frames = damp.size(), whole = frames - frames % 4;
    Four state[groups];
    for (int g = 0; g < groups; ++g) state[g] = load(damped + 4 * g);
    for (Frame i = 0; i < whole; i += 4) {
      for (int g = 0; g < groups; ++g) {
        dsp::Signal *line = &delayed[static_cast<std::size_t>(4 * g)];
        Four rows[4] = {load(line[0].data() + i), load(line[1].data() + i), load(line[2].data() + i),
                        load(line[3].data() + i)};
        transpose(rows);
        for (int n = 0; n < 4; ++n) rows[n] = state[g] = one_pole(rows[n], state[g], damp[i + n]);
        transpose(rows);
        for (int n = 0; n < 4; ++n) store(line[n].data() + i, rows[n]);
      }
    }
    for (int g = 0; g < groups; ++g) store(damped + 4 * g, state[g]);
    for (Frame i = whole; i < frames; ++i)
      for (std::size_t lane = 0; lane < lanes; ++lane)
        delayed[lane][i] = damped[lane] = delayed[lane][i] * (1.0f - damp[i]) + damped[lane] * damp[i];
  }

  // Not a true all-pass, but Freeverb's: -1 + 1.5 z^-N over 1 - 0.5 z^-N.
  void run_all_passes(std::size_t side, dsp::Signal &signal) {
    const Frame frames = signal.size();
    for (std::size_t n = 0; n < all_passes; ++n) {
      dsp::DelayLine &line = all_pass_lines[side][n];
      const dsp::Signal delayed = line.read(all_pass_delays[side][n], frames);
      dsp::Signal into(frames);
      for (Frame i = 0; i < frames; ++i) {
        into[i] = signal[i] + all_pass_feedback * delayed[i];
        signal[i] = delayed[i] - signal[i];
      }
      line.write(into);
    }
  }

  void mix(Frame at, Room &room) {
    const Frame frames = room[0].size();
    std::int32_t peak = 0, last_loud = -1;
    for (Frame i = 0; i < frames; ++i) {
      const std::int32_t here = std::max(magnitude_bits(room[0][i]), magnitude_bits(room[1][i]));
      const std::int32_t input = std::max(magnitude_bits(in.left[at + i]), magnitude_bits(in.right[at + i]));
      peak = std::max(peak, here);
      last_loud = here >= std::bit_cast<std::int32_t>(quiet_level) || input > 0 ? i : last_loud;
    }
    quiet = last_loud < 0 ? std::min(hold, quiet + frames) : frames - 1 - last_loud;
    // A tone of full scale held on a resonance can pass full scale; nothing else comes near.
    if (peak > std::bit_cast<std::int32_t>(0.5f))
      for (dsp::Signal &side : room)
        for (Frame i = 0; i < frames; ++i) side[i] = bounded(side[i]);
    for (Frame i = 0; i < frames; ++i) {
      const float same = wet[at + i] * (0.5f + 0.5f * width[at + i]);
      const float other = wet[at + i] * (0.5f - 0.5f * width[at + i]);
      const float left = dry[at + i] * in.left[at + i] + (room[0][i] * same + room[1][i] * other);
      const float right = dry[at + i] * in.right[at + i] + (room[1][i] * same + room[0][i] * other);
      out.left[at + i] = left;
      out.right[at + i] = right;
    }
  }
};

}  // namespace

ARRANGER_PLUGIN(Reverb, {.id = "builtin.reverb",
                         .name = "Reverb",
                         .category = Category::effect,
                         .version = 1,
                         .doc = "A room after Freeverb: eight damped combs and four all-passes per side.",
                         .author = "Arranger",
                         .in_place = true})
