// SPDX-License-Identifier: MIT
// builtin.control_monitor: shows a control signal to people.
//
// Frames are counted from reset in intervals of 512. The history holds the value at the beginning of each of the last 512
// intervals, the one that runs included; latest, min, max and mean are over every frame of the same span, 5.5 s at 48 kHz.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>

using namespace arranger;

namespace {

constexpr Frame interval = 512;
constexpr int window = 512;  // intervals

// What a stretch of frames amounts to.
struct Summary {
  float min = 0.0f;
  float max = 0.0f;
  double sum = 0.0;
  std::int64_t frames = 0;

  void add(float value) { add({value, value, static_cast<double>(value), 1}); }
  void add(const Summary &next) {
    min = frames == 0 ? next.min : std::min(min, next.min);
    max = frames == 0 ? next.max : std::max(max, next.max);
    sum += next.sum;
    frames += next.frames;
  }
};

class ControlMonitor final : public Plugin {
  Param in{*this, "control_in", "Control In", {.doc = "The signal that is shown."}};
  Monitor latest{*this, "latest", "Latest", {.doc = "The value now."}};
  Monitor least{*this, "min", "Min", {.doc = "The smallest value of the span that the history shows."}};
  Monitor greatest{*this, "max", "Max", {.doc = "The greatest value of that span."}};
  Monitor mean{*this, "mean", "Mean", {.doc = "The average over every frame of that span."}};
  DataMonitor history{
      *this, "history", "History", window, {.doc = "The last 512 values, one per 512 frames, oldest first."}};

  std::array<Summary, window> past;  // of complete intervals, in a ring
  std::int64_t intervals = 0;        // complete ones
  Summary before;                    // of those in the span, but for the one that runs
  Summary now;                       // of the one that runs

  void reset() override {
    intervals = 0;
    before = now = {};
  }

  void process(const Block &block) override {
    for (Frame i : block) {
      if (now.frames == interval) begin_interval();
      if (now.frames == 0) remember(in[i]);
      now.add(in[i]);
    }
    Summary all = before;
    all.add(now);
    latest.set(in[block.frames - 1]);
    least.set(all.min);
    greatest.set(all.max);
    mean.set(static_cast<float>(all.sum / static_cast<double>(all.frames)));
  }

  void begin_interval() {
    past[static_cast<std::size_t>(intervals++ % window)] = now;
    now = {};
    before = {};
    for (std::int64_t n = std::max(intervals - (window - 1), std::int64_t{0}); n < intervals; ++n)
      before.add(past[static_cast<std::size_t>(n % window)]);
  }

  void remember(float value) {
    const std::span<float> values = history.values();
    if (history.count() == window) std::copy(values.begin() + 1, values.end(), values.begin());
    else history.set_count(history.count() + 1);
    values[static_cast<std::size_t>(history.count() - 1)] = value;
  }
};

}  // namespace

ARRANGER_PLUGIN(ControlMonitor, {.id = "builtin.control_monitor",
                                 .name = "Control Monitor",
                                 .category = Category::utility,
                                 .version = 1,
                                 .doc = "Shows a control signal: its value, its range, its mean and its history.",
                                 .author = "Arranger",
                                 .preserves_finite = true})
