// SPDX-License-Identifier: MIT
// builtin.limiter: nothing above the ceiling, not for one sample. The gain that each frame needs is known before the frame
// is heard: the least of a window slides to the frame, a release follows it, and a box filter as long as the look-ahead
// makes ramps of its steps, as Geraint Luff describes it (Signalsmith, "Designing a straightforward limiter", 2022). The
// sliding minimum is the monotonic queue of Daniel Lemire (2006). Gains are integers, so the box's running sum is exact:
// below the ceiling the gain is exactly 1 and the output is the input, later.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <vector>

#include "effects/decay.hpp"
#include "effects/range.hpp"

using namespace arranger;
using effects::to_finite;

namespace {

// Gains as parts of 2^30.
using Gain = std::int32_t;
constexpr Gain unity = 1 << 30;

// The least of the last `size` values.
class SlidingMinimum {
 public:
  void resize(Frame size) {
    entries_.resize(static_cast<std::size_t>(size));
    reset();
  }
  void reset() { first_ = count_ = now_ = 0; }

  Gain next(Gain value) {
    if (count_ > 0 && now_ - at(0).born >= size()) {
      first_ = wrapped(first_ + 1);
      --count_;
    }
    while (count_ > 0 && at(count_ - 1).value >= value) --count_;
    at(count_++) = {value, now_++};
    return at(0).value;
  }

 private:
  struct Entry {
    Gain value;
    std::uint32_t born;
  };
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  std::uint32_t wrapped(std::uint32_t index) const { return index >= size() ? index - size() : index; }
  Entry &at(std::uint32_t n) { return entries_[wrapped(first_ + n)]; }

  std::vector<Entry> entries_;
  std::uint32_t first_ = 0, count_ = 0, now_ = 0;
};

class Limiter final : public Plugin {
  Config lookahead_ms{
      *this,
      "lookahead_ms",
      "Look-ahead",
      {.type = ConfigType::number,
       .default_number = 5,
       .min = 0.1,
       .max = 50,
       .doc = "Milliseconds by which the output is late, and in which the gain goes down before a peak."}};
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is limited."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The limited sound, late by the look-ahead."}};
  Param gain_db{*this,
                "gain_db",
                "Gain",
                {.min = 0,
                 .max = 36,
                 .default_value = 0,
                 .unit = Unit::decibels,
                 .smoothing_ms = 20,
                 .doc = "Gain in front of the limiter."}};
  Param ceiling_db{
      *this,
      "ceiling_db",
      "Ceiling",
      {.min = -24,
       .max = 0,
       .default_value = -0.3,
       .unit = Unit::decibels,
       .smoothing_ms = 20,
       .doc = "No sample exceeds it. It holds for what enters now, so a change is heard after the look-ahead."}};
  Param release_ms{*this,
                   "release_ms",
                   "Release",
                   {.min = 1,
                    .max = 2000,
                    .default_value = 80,
                    .unit = Unit::milliseconds,
                    .taper = Taper::log,
                    .doc = "Time in which the gain gives back 63 % of a reduction."}};
  Monitor gain_reduction_db{*this,
                            "gain_reduction_db",
                            "Gain Reduction",
                            {.min = 0,
                             .max = 60,
                             .unit = Unit::decibels,
                             .hint = Hint::meter,
                             .doc = "The greatest reduction of the last call."}};

  // What waits for its gain, with the ceiling that it entered under.
  struct Waiting {
    float left, right, ceiling;
  };
  std::vector<Waiting> waiting;
  std::vector<Gain> box;
  SlidingMinimum least;
  std::int64_t box_sum = 0;
  Gain released = unity, lowest = unity;
  Frame delay = 1, position = 0, box_position = 0;
  Frame quiet = 0;  // frames in a row that were silent and needed no reduction; enough of them, and all is at rest
  float release_of = -1.0f;
  double release_part = 1, frames_per_ms = 48;

  void activate(const Activation &activation) override {
    frames_per_ms = 0.001 * activation.sample_rate;
    delay = std::max(1, static_cast<Frame>(0.001 * lookahead_ms.number() * activation.sample_rate + 0.5));
    waiting.resize(static_cast<std::size_t>(delay));
    // A window and a box of delay + 1: every mean that meets a frame is a mean of minima over that frame.
    box.resize(static_cast<std::size_t>(delay) + 1);
    least.resize(delay + 1);
    release_of = -1.0f;
    set_latency(delay);
    set_tail(delay);
    reset();
  }

  void reset() override {
    std::fill(waiting.begin(), waiting.end(), Waiting{0.0f, 0.0f, 1.0f});
    std::fill(box.begin(), box.end(), unity);
    box_sum = std::int64_t{unity} * (delay + 1);
    least.reset();
    released = unity;
    position = box_position = 0;
    quiet = rest_frames();
  }

  // The longest way through window, box and delay.
  Frame rest_frames() const { return 3 * delay + 3; }

  void process(const Block &block) override {
    if (block.offset == 0) lowest = unity;
    const bool silent = effects::is_silent(in, block.frames);
    if (silent && quiet >= rest_frames()) {
      gain_reduction_db.set(0.0f);
      return sleep();
    }
    for (Frame i : block) run_frame(i);
    gain_reduction_db.set(lowest == unity ? 0.0f : -dsp::gain_to_db(static_cast<float>(lowest) * 0x1p-30f));
    if (silent) tail();
  }

  void run_frame(Frame i) {
    const float drive = dsp::db_to_gain(gain_db[i]), ceiling = dsp::db_to_gain(ceiling_db[i]);
    const float left = to_finite(in.left[i] * drive), right = to_finite(in.right[i] * drive);
    const Gain gain = smoothed(needed(left, right, ceiling), release_ms[i]);
    lowest = std::min(lowest, gain);
    Waiting &slot = waiting[static_cast<std::size_t>(position)];
    const Waiting heard = slot;
    slot = {left, right, ceiling};
    position = position + 1 == delay ? 0 : position + 1;
    const float factor = static_cast<float>(gain) * 0x1p-30f;
    // The product may round up by half a step: the clamp takes that back, and never more.
    out.left[i] = dsp::detail::clamp(heard.left * factor, -heard.ceiling, heard.ceiling);
    out.right[i] = dsp::detail::clamp(heard.right * factor, -heard.ceiling, heard.ceiling);
    const bool nothing = left == 0.0f && right == 0.0f && released == unity;
    quiet = nothing ? std::min(rest_frames(), quiet + 1) : 0;
  }

  // The gain that brings the louder side to the ceiling, rounded down.
  static Gain needed(float left, float right, float ceiling) {
    const float peak = dsp::detail::max(dsp::detail::absolute(left), dsp::detail::absolute(right));
    if (!(peak > ceiling)) return unity;
    return static_cast<Gain>(static_cast<double>(ceiling) / static_cast<double>(peak) * 0x1p30);
  }

  // Minimum, release, box: never above `gain` while the frame that needs it is heard.
  Gain smoothed(Gain gain, float release) {
    const Gain held = least.next(gain);
    if (held <= released) {
      released = held;
    } else {
      // At least one part, so that it arrives.
      const auto part = static_cast<Gain>(static_cast<double>(held - released) * part_of(release));
      released = std::min(held, released + std::max(part, 1));
    }
    Gain &oldest = box[static_cast<std::size_t>(box_position)];
    box_sum += released - oldest;
    oldest = released;
    box_position = box_position == delay ? 0 : box_position + 1;
    return static_cast<Gain>(box_sum / (delay + 1));
  }

  // What the release gives back per frame, again only when its time changes.
  double part_of(float release) {
    if (release != release_of) {
      release_of = release;
      release_part = 1.0 - effects::decay(static_cast<double>(release) * frames_per_ms);
    }
    return release_part;
  }
};

}  // namespace

ARRANGER_PLUGIN(Limiter, {.id = "builtin.limiter",
                          .name = "Limiter",
                          .category = Category::effect,
                          .version = 1,
                          .doc = "A look-ahead limiter: no sample exceeds the ceiling, and below it every bit passes.",
                          .author = "Arranger",
                          .preserves_finite = true,
                          .in_place = true})
