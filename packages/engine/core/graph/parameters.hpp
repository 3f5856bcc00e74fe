// SPDX-License-Identifier: MIT
// Parameter values over time: base values, jumps, smoothing and ramps, placed exactly and evaluated in closed form.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.hpp"
#include "plugin/descriptor.hpp"

namespace arranger {

// From one value to another in `length` frames, straight in the domain of the parameter's taper. Its values depend on the
// frame alone, so they are the same however blocks are cut.
class Line {
 public:
  Line() = default;
  Line(double value) : from_(value), to_(value) {}
  Line(const Port &port, double from, double to, std::int64_t start, std::int64_t length);

  double at(std::int64_t frame) const;
  bool moving(std::int64_t frame) const { return frame < start_ + length_; }
  double target() const { return to_; }
  std::int64_t end() const { return start_ + length_; }
  // [audio] Values of frames first .. first + count - 1.
  void fill(float *out, std::int64_t first, std::int32_t count) const;

 private:
  enum class Shape : std::uint8_t { linear, ratio, square };
  double from_ = 0, to_ = 0;
  double min_ = 0, range_ = 0;  // square only
  double low_ = 0, slope_ = 0;  // in the domain, per frame
  std::int64_t start_ = 0, length_ = 0;
  Shape shape_ = Shape::linear;
};

// What a step reads: a value for the whole call, or a pointer to one per frame. The hint word says which.
struct ControlCell {
  float value;
  std::uint32_t hint;
};

class Parameters {
 public:
  // [control] Once, before all else: numbers are 0 .. count - 1.
  void resize(std::size_t count, std::int32_t max_frames);
  // [control] Each number once: a parameter at `value`, of a port that outlives this; `channel` is where its reader finds
  // the values.
  void set(std::uint32_t number, const Port &port, double value, ControlCell *cell, float **channel);

  // [audio] The three phases of a slice that begins at `steady_frame`: begin; changes, in order of frame; finish.
  void begin(std::int64_t steady_frame);
  void change(std::uint32_t number, std::int32_t frame, double value, std::int64_t ramp_frames, bool explicit_ramp);
  void finish(std::int32_t frames);

  // [audio] Between slices: goes on as parameter `before` of `old`, the same port of the same instance, would from
  // `steady_frame` on, whatever value it was added at: who changes it says so by a change.
  void adopt(std::uint32_t number, const Parameters &old, std::uint32_t before, std::int64_t steady_frame);
  // [audio] Between slices: all at their targets.
  void reset();

  // [audio] Those that move in this slice, or were changed.
  std::span<const std::uint32_t> active() const { return active_; }

  // The line that a change at `frame` makes of another one. Any thread.
  Line next(std::uint32_t number, const Line &line, std::int64_t frame, double value, std::int64_t ramp_frames,
            bool explicit_ramp) const;
  double target(std::uint32_t number) const { return slots_[number].line.target(); }
  double value(std::uint32_t number, std::int64_t steady_frame) const { return slots_[number].line.at(steady_frame); }

 private:
  struct Slot {
    Line line;
    const Port *port = nullptr;  // range and taper
    ControlCell *cell = nullptr;
    float **channel = nullptr;
    float *values = nullptr;  // one per frame while it moves; else null
    std::int64_t smoothing_frames = 0;
    std::int32_t filled = 0;
    bool active = false;
  };
  void settle(Slot &slot);
  void activate(std::uint32_t number);

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> active_;
  // Memory for values, the last one that was given back first: only as many are ever touched as have moved at a time.
  std::vector<float *> free_;
  Arena values_{1};
  std::int64_t steady_frame_ = 0;

 public:
  double sample_rate = 48000;
};

}  // namespace arranger
