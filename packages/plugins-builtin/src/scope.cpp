// SPDX-License-Identifier: MIT
// builtin.scope: draws the wave of what passes through, bit for bit.
//
// A sweep is a stretch of the sound as long as the span. It is shown when it is complete, as pairs of the least and the
// greatest sample of each column, oldest first; of a span shorter than 256 frames each frame is a column. With the trigger
// a sweep begins where the wave crosses zero upwards, so that a steady tone stands still, or after one span without such a
// frame. A sweep without any sound is followed by rest until there is sound again.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <utility>

using namespace arranger;

namespace {

constexpr Frame max_columns = 256;

class Scope final : public Plugin {
  AudioIn in{*this, "audio_in", "Audio In", {.doc = "What is drawn."}};
  AudioOut out{*this, "audio_out", "Audio Out", {.doc = "The input, unchanged."}};
  Param side{
      *this, "channel", "Channel", {.choices = {"Left", "Right", "Mid"}, .doc = "What is drawn; mid is the average."}};
  Param span{*this,
             "time_span",
             "Time Span",
             {.min = 0.001,
              .max = 1,
              .default_value = 0.02,
              .unit = Unit::seconds,
              .taper = Taper::log,
              .doc = "Length of a sweep; a change counts from the next sweep on."}};
  Param trigger{*this,
                "trigger",
                "Trigger",
                {.default_value = 1,
                 .hint = Hint::toggle,
                 .doc = "1: a sweep begins on a rising zero crossing. 0: one sweep follows the other."}};
  DataMonitor wave{
      *this,
      "scope",
      "Scope",
      2 * max_columns,
      {.min = -1, .max = 1, .doc = "Least and greatest sample of each column, oldest first, -1..1 at full scale."}};

  enum class State { resting, waiting, sweeping };
  State state = State::resting;
  Frame length = 0;  // of the sweep
  Frame at = 0;      // frames of the sweep so far, or of the wait
  Frame columns = 0;
  float last = 0.0f;      // the sample before
  bool sounding = false;  // any sample of the sweep or of the wait before it was not zero
  std::array<float, 2 * max_columns> sweep{};

  void reset() override {
    state = State::resting;
    last = 0.0f;
  }

  void process(const Block &block) override {
    for (Frame i : block) {
      const float l = in.left[i], r = in.right[i];
      const int chosen = static_cast<int>(side[i] + 0.5f);
      add(chosen == 0 ? l : chosen == 1 ? r : 0.5f * (l + r), i, block.sample_rate);
      out.left[i] = l;
      out.right[i] = r;
    }
    if (!in.silent()) return;
    if (state == State::resting) sleep();
    else out.set_silent();
  }

  void add(float sample, Frame frame, double sample_rate) {
    const float before = std::exchange(last, sample);
    if (state == State::resting) {
      if (sample == 0.0f) return;
      wait(frame, sample_rate);
    }
    if (state == State::waiting) {
      const bool crossed = before < 0.0f && sample >= 0.0f;
      if (trigger[frame] >= 0.5f && !crossed && at < length) {
        sounding = sounding || sample != 0.0f;
        ++at;
        return;
      }
      state = State::sweeping;
      at = 0;
    }
    draw(sample);
    if (++at < length) return;
    show();
    if (sounding) wait(frame, sample_rate);
    else state = State::resting;
  }

  void wait(Frame frame, double sample_rate) {
    state = State::waiting;
    length = std::max(2, static_cast<Frame>(static_cast<double>(span[frame]) * sample_rate + 0.5));
    columns = std::min(length, max_columns);
    at = 0;
    sounding = false;
  }

  void draw(float sample) {
    const auto column = static_cast<std::size_t>(static_cast<std::int64_t>(at) * columns / length);
    float &least = sweep[2 * column], &greatest = sweep[2 * column + 1];
    const bool first =
        at == 0 || static_cast<std::size_t>(static_cast<std::int64_t>(at - 1) * columns / length) != column;
    least = first ? sample : std::min(least, sample);
    greatest = first ? sample : std::max(greatest, sample);
    sounding = sounding || sample != 0.0f;
  }

  void show() {
    std::copy_n(sweep.begin(), 2 * columns, wave.values().begin());
    wave.set_count(2 * columns);
  }
};

}  // namespace

ARRANGER_PLUGIN(Scope, {.id = "builtin.scope",
                        .name = "Scope",
                        .category = Category::utility,
                        .version = 1,
                        .doc = "Draws the wave of what passes through, unchanged.",
                        .author = "Arranger",
                        .preserves_finite = true,
                        .in_place = true})
