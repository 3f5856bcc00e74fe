// SPDX-License-Identifier: MIT
// A delay time on its way to another: from whole frames to whole frames, through fractions.
#pragma once

#include <arranger/plugin.hpp>

#include <algorithm>

namespace effects {

using arranger::Frame;

// A straight line in double precision, a closed form of the frame it began on: a float has too few fractions of a frame
// left at the end of a long delay. A target that moves all the time is followed with the line's length as time constant.
// [audio] Real-time safe, activate too.
class Glide {
 public:
  void activate(double sample_rate, double seconds) {
    length_ = std::max(1, static_cast<Frame>(sample_rate * seconds + 0.5));
    settle();
  }
  // Nothing is in the line: the next frame is at its target.
  void settle() { settled_ = true; }

  // Whether it stays at `target` from the next frame on; then one call of `next` stands for any number of them.
  bool rests_at(Frame target) const { return settled_ || (target == target_ && position_ == length_); }

  // One frame: its delay in frames.
  double next(Frame target) {
    if (settled_) {
      start_ = static_cast<double>(target_ = target);
      position_ = length_;
      settled_ = false;
    } else if (target != target_) {
      start_ = value();
      target_ = target;
      position_ = 0;
    }
    const double now = value();
    if (position_ < length_) ++position_;
    return now;
  }

 private:
  double value() const {
    if (position_ == length_) return static_cast<double>(target_);
    const double way = static_cast<double>(position_) / static_cast<double>(length_);
    return start_ + (static_cast<double>(target_) - start_) * way;
  }

  double start_ = 0;
  Frame target_ = 0, position_ = 1, length_ = 1;
  bool settled_ = true;
};

}  // namespace effects
