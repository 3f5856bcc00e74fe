// SPDX-License-Identifier: MIT
// A value that goes to its target in a straight line. Parameters arrive smoothed already; this is for what a plugin
// computes itself, or learns from events.
#pragma once

#include <arranger/dsp/signal.hpp>

namespace arranger::dsp {

// The line is a closed form of the frame it began on, value(k) = start + (target - start) * (k / length), so it has the
// same bits however a block is cut, and no error gathers. [audio] Real-time safe, activate too.
class Smoother {
 public:
  // `seconds` >= 0 (0: changes are steps), limited to 2^24 frames. A line under way keeps its length.
  void activate(double sample_rate, float seconds) {
    const double frames = static_cast<double>(seconds) * sample_rate + 0.5;
    length_ = frames < 0x1p24 ? (frames > 0.0 ? static_cast<Frame>(frames) : 0) : 1 << 24;
  }

  // At `value`, not moving.
  void reset(float value) {
    start_ = target_ = value;
    position_ = line_ = 0;
  }

  // Begins a line at the next frame, from the value of that frame. The same target again changes nothing.
  void set_target(float target) {
    if (target == target_) return;
    start_ = value();
    target_ = target;
    position_ = 0;
    line_ = length_;
  }

  // The value of the next frame.
  float value() const { return position_ < line_ ? at(position_) : target_; }
  float target() const { return target_; }
  bool is_moving() const { return position_ < line_; }

  // One frame: its value.
  float next() {
    const float now = value();
    if (position_ < line_) ++position_;
    return now;
  }

  // `size` frames, 0 .. max_frames.
  Signal next(Frame size) {
    if (!is_moving()) return Signal(size, target_);
    Signal out(size);
    const Frame left = line_ - position_;
    const Frame moving = size < left ? size : left;
    for (Frame i = 0; i < moving; ++i) out[i] = at(position_ + i);
    for (Frame i = moving; i < size; ++i) out[i] = target_;
    position_ += moving;
    return out;
  }

 private:
  float at(Frame k) const { return start_ + (target_ - start_) * (static_cast<float>(k) / static_cast<float>(line_)); }

  float start_ = 0.0f;
  float target_ = 0.0f;
  Frame position_ = 0;  // frames since the line began
  Frame line_ = 0;      // length of the line under way
  Frame length_ = 0;    // length of the next one
};

}  // namespace arranger::dsp
