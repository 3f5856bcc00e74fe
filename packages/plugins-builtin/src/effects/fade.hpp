// SPDX-License-Identifier: MIT
// A toggle that does not click.
#pragma once

#include <arranger/plugin.hpp>

#include <algorithm>

namespace effects {

using arranger::Frame;

// A straight line between off (0) and on (1), counted in whole frames, so that its bits do not depend on the cutting of
// calls. A frame that nobody hears settles it: the next one is at its goal. So an effect that slept through silence is
// where one that ran through it would be. [audio] Real-time safe, activate too.
class Fade {
 public:
  // `seconds`: the length of a whole line. Settles.
  void activate(double sample_rate, double seconds) {
    length_ = std::max(1, static_cast<Frame>(sample_rate * seconds + 0.5));
    settle();
  }
  void settle() { settled_ = true; }

  // One frame: its value on the way to `on`.
  float next(bool on) {
    const Frame goal = on ? length_ : 0;
    position_ = settled_ ? goal : position_ + (goal > position_) - (goal < position_);
    settled_ = false;
    return value();
  }

  // Whether the next frame's value is all of `on`.
  bool is_at(bool on) const { return settled_ || position_ == (on ? length_ : 0); }
  // Off, or free to jump: what it fades may be exchanged.
  bool is_off() const { return settled_ || position_ == 0; }
  float value() const { return static_cast<float>(position_) / static_cast<float>(length_); }

 private:
  Frame position_ = 0, length_ = 1;
  bool settled_ = true;
};

}  // namespace effects
