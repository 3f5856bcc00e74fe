// SPDX-License-Identifier: MIT
// builtin.reverb: a room. Freeverb by Jezar at Dreampoint (2000, public domain): eight damped combs in parallel, then
// four all-passes in series, per side; its tunings, scaled with the sample rate. New here: the one-pole filters of all
// combs run side by side in vectors, everything else along time; the level is normalised to the room; the tail ends.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "effects/each_frame.hpp"

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

// So many combs at once as fit a vector, where the compiler has them; lanes never mix, so the bits are those of plain loops.
#if defined(__AVX__)
constexpr int abreast = 8;
#else
constexpr int abreast = 4;
#endif
constexpr int groups = lanes / abreast;

#if defined(__GNUC__)
using Row = float __attribute__((vector_size(4 * abreast)));
inline Row load(const float *from) {
  Row row;
  __builtin_memcpy(&row, from, sizeof row);
  return row;
}
inline void store(float *to, Row row) { __builtin_memcpy(to, &row, sizeof row); }
#if defined(__AVX__)
inline void transpose(Row (&r)[8]) {
  Row t[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  Row u[8];  // u[i] has columns i and i + 4 of four rows, u[i + 4] of the other four
  for (int i = 0; i < 8; i += 4) {
    for (int n = 0; n < 2; ++n) {
      u[i + 2 * n] = __builtin_shufflevector(t[i + n], t[i + n + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      u[i + 2 * n + 1] = __builtin_shufflevector(t[i + n], t[i + n + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int i = 0; i < 4; ++i) {
    r[i] = __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[i + 4] = __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}
#else
inline void transpose(Row (&r)[4]) {
  const Row a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
  const Row c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  r[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  r[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  r[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  r[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}
#endif
inline Row add(Row a, Row b) { return a + b; }
inline Row multiply(Row a, Row b) { return a * b; }
inline Row one_pole(Row x, Row state, float pass, float damp) { return x * pass + state * damp; }
#else
struct Row {
  float at[abreast];
  float &operator[](int i) { return at[i]; }
};
inline Row load(const float *from) {
  Row row;
  std::copy_n(from, abreast, row.at);
  return row;
}
inline void store(float *to, Row row) { std::copy_n(row.at, abreast, to); }
inline void transpose(Row (&r)[abreast]) {
  for (int i = 0; i < abreast; ++i)
    for (int j = 0; j < i; ++j) std::swap(r[i][j], r[j][i]);
}
inline Row add(Row a, Row b) {
  for (int i = 0; i < abreast; ++i) a[i] += b[i];
  return a;
}
inline Row multiply(Row a, Row b) {
  for (int i = 0; i < abreast; ++i) a[i] *= b[i];
  return a;
}
inline Row one_pole(Row x, Row state, float pass, float damp) {
  for (int i = 0; i < abreast; ++i) state[i] = x[i] * pass + state[i] * damp;
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

// A delay that is as long as its memory: each sample is read and then overwritten where it lies. dsp::DelayLine copies
// out and in; with 24 of them that would be a third of the whole cost.
class Ring {
 public:
  void resize(Frame frames) { samples_.assign(static_cast<std::size_t>(frames), 0.0f); }
  void reset() {
    std::fill(samples_.begin(), samples_.end(), 0.0f);
    position_ = 0;
  }
  Frame delay() const { return static_cast<Frame>(samples_.size()); }

  // The next `frames` samples, to read and overwrite; in `spare` where they cross the end of the memory.
  float *borrow(Frame frames, float *spare) {
    float *here = samples_.data() + position_;
    const Frame straight = delay() - position_;
    if (frames <= straight) return here;
    std::copy_n(here, straight, spare);
    std::copy_n(samples_.data(), frames - straight, spare + straight);
    return spare;
  }
  void give_back(Frame frames, const float *samples) {
    const Frame straight = std::min(frames, delay() - position_);
    float *here = samples_.data() + position_;
    if (samples != here) {
      std::copy_n(samples, straight, here);
      std::copy_n(samples + straight, frames - straight, samples_.data());
    }
    position_ = (position_ + frames) % delay();
  }

  // For Kept.
  template <class Visit>
  void each_kept(Visit &visit) {
    visit(samples_);
    visit(position_);
  }

 private:
  std::vector<float> samples_;
  Frame position_ = 0;
};

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

  std::array<Ring, lanes> comb_rings;
  std::array<std::array<Ring, all_passes>, sides> all_pass_rings;
  alignas(64) float damped[lanes] = {};    // state of the one-poles
  Frame longest_piece = max_block_frames;  // no delay is shorter
  Frame quiet = 0, hold = 0;               // frames that have been quiet; so many end the tail
  Kept goes_on{*this, comb_rings, all_pass_rings, damped, quiet};
  float damp_power = 1.0f;

  void activate(const Activation &activation) override {
    const double scale = activation.sample_rate / tuned_rate;
    const auto frames = [scale](int tuned) { return static_cast<Frame>(static_cast<double>(tuned) * scale + 0.5); };
    longest_piece = max_block_frames;
    hold = 0;
    for (int side = 0; side < sides; ++side) {
      for (int n = 0; n < combs; ++n)
        comb_rings[static_cast<std::size_t>(side * combs + n)].resize(frames(comb_frames[n] + side * right_spread));
      for (int n = 0; n < all_passes; ++n) {
        const Frame delay = frames(all_pass_frames[n] + side * right_spread);
        all_pass_rings[static_cast<std::size_t>(side)][static_cast<std::size_t>(n)].resize(delay);
        longest_piece = std::min(longest_piece, delay);
        hold += delay;
      }
    }
    const Frame longest = comb_rings[lanes - 1].delay();
    hold += 2 * longest;
    damp_power = static_cast<float>(1.0 / scale);  // a pole of the same corner at another rate
    constexpr int turns_to_end = 690;              // the longest room falls by 120 dB in 684 turns
    set_tail(static_cast<std::int64_t>(turns_to_end) * longest + hold);
    reset();
  }

  void reset() override {
    for (Ring &ring : comb_rings) ring.reset();
    for (auto &side : all_pass_rings)
      for (Ring &ring : side) ring.reset();
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
    dsp::Signal input(frames), feedback(frames), damp(frames), loudness(frames);
    const auto fill = [&](Frame computed) {
      for (Frame i = 0; i < computed; ++i) {
        feedback[i] = room_offset + room_scale * room_size[at + i];
        loudness[i] = level * std::sqrt(1.0f - feedback[i] * feedback[i]);
      }
    };
    fill(room_size.is_constant() ? 1 : frames);
    if (room_size.is_constant()) {
      feedback = dsp::Signal(frames, feedback[0]);
      loudness = dsp::Signal(frames, loudness[0]);
    }
    for (Frame i = 0; i < frames; ++i) input[i] = (0.5f * in.left[at + i] + 0.5f * in.right[at + i]) * loudness[i];
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
    const Frame frames = input.size(), whole = frames - frames % abreast;
    alignas(64) float spare[lanes][max_block_frames];
    float *line[lanes];
    for (std::size_t lane = 0; lane < lanes; ++lane) line[lane] = comb_rings[lane].borrow(frames, spare[lane]);

    dsp::Signal pass(frames);
    for (Frame i = 0; i < frames; ++i) pass[i] = 1.0f - damp[i];
    Row state[groups];
    for (std::size_t g = 0; g < groups; ++g) state[g] = load(damped + abreast * g);
    for (Frame i = 0; i < whole; i += abreast) run_square(line, i, input, feedback, pass, damp, state, room);
    for (std::size_t g = 0; g < groups; ++g) store(damped + abreast * g, state[g]);
    for (Frame i = whole; i < frames; ++i) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const float delayed = line[lane][i];
        float &sum = room[lane / combs][i];
        sum = lane % combs == 0 ? delayed : sum + delayed;
        damped[lane] = delayed * pass[i] + damped[lane] * damp[i];
        line[lane][i] = input[i] + feedback[i] * damped[lane];
      }
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) comb_rings[lane].give_back(frames, line[lane]);
  }

  // As many frames as combs in a row. Only the one-poles go from frame to frame, so they run across the combs; the rest
  // runs along time.
  void run_square(float *const *line, Frame at, const dsp::Signal &input, const dsp::Signal &feedback,
                  const dsp::Signal &pass, const dsp::Signal &damp, Row *states, Room &room) {
    const Row in_row = load(input.data() + at), feedback_row = load(feedback.data() + at);
    for (std::size_t side = 0; side < sides; ++side) {
      Row sum{};
      for (std::size_t first = side * combs; first < (side + 1) * combs; first += abreast) {
        Row rows[abreast];
        for (std::size_t n = 0; n < abreast; ++n) {
          rows[n] = load(line[first + n] + at);
          sum = first + n == side * combs ? rows[n] : add(sum, rows[n]);
        }
        transpose(rows);
        Row state = states[first / abreast];
        for (int n = 0; n < abreast; ++n) rows[n] = state = one_pole(rows[n], state, pass[at + n], damp[at + n]);
        states[first / abreast] = state;
        transpose(rows);
        for (std::size_t n = 0; n < abreast; ++n)
          store(line[first + n] + at, add(in_row, multiply(feedback_row, rows[n])));
      }
      store(room[side].data() + at, sum);
    }
  }

  // Not a true all-pass, but Freeverb's: -1 + 1.5 z^-N over 1 - 0.5 z^-N.
  void run_all_passes(std::size_t side, dsp::Signal &signal) {
    const Frame frames = signal.size();
    for (Ring &ring : all_pass_rings[side]) {
      alignas(64) float spare[max_block_frames];
      float *line = ring.borrow(frames, spare);
      for (Frame i = 0; i < frames; ++i) {
        const float delayed = line[i];
        line[i] = signal[i] + all_pass_feedback * delayed;
        signal[i] = delayed - signal[i];
      }
      ring.give_back(frames, line);
    }
  }

  void mix(Frame at, Room &room) {
    const Frame frames = room[0].size();
    std::int32_t peak = 0;
    for (const dsp::Signal &side : room)
      for (Frame i = 0; i < frames; ++i) peak = std::max(peak, magnitude_bits(side[i]));
    Frame last = frames - 1;
    while (last >= 0 && is_quiet(at, last, room)) --last;
    quiet = last < 0 ? std::min(hold, quiet + frames) : frames - 1 - last;
    // A tone of full scale held on a resonance can pass full scale; nothing else comes near.
    if (peak > std::bit_cast<std::int32_t>(0.5f))
      for (dsp::Signal &side : room)
        for (Frame i = 0; i < frames; ++i) side[i] = bounded(side[i]);
    effects::each_frame(
        frames, [wets = wet.data() + at, drys = dry.data() + at, widths = width.data() + at, in_l = in.left + at,
                 in_r = in.right + at, room_l = room[0].data(), room_r = room[1].data(), out_l = out.left + at,
                 out_r = out.right + at]<class V>(Frame i) {
          using effects::load, effects::store;
          const V loud = load<V>(wets + i), dry_now = load<V>(drys + i), half_width = 0.5f * load<V>(widths + i);
          const V same = loud * (0.5f + half_width), other = loud * (0.5f - half_width);
          const V left = load<V>(room_l + i), right = load<V>(room_r + i);
          const V dry_l = dry_now * load<V>(in_l + i), dry_r = dry_now * load<V>(in_r + i);  // the output may lie there
          store(out_l + i, dry_l + (left * same + right * other));
          store(out_r + i, dry_r + (right * same + left * other));
        });
  }

  bool is_quiet(Frame at, Frame i, const Room &room) const {
    return std::max(magnitude_bits(room[0][i]), magnitude_bits(room[1][i])) <
               std::bit_cast<std::int32_t>(quiet_level) &&
           std::max(magnitude_bits(in.left[at + i]), magnitude_bits(in.right[at + i])) == 0;
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
