// SPDX-License-Identifier: MIT
// The gain of a connection that comes, goes or changes while it plays.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace arranger {

// Stays where it is until `start`, then goes straight to its target. All that an edit fades is aimed at once, on one
// schedule, so that what comes and what goes add up to the same gain at every frame: one signal on two ways is not heard to
// change. Plans that follow each other share it: an edit in the middle of a fade goes on from where it is.
class Fade {
 public:
  explicit Fade(double gain) : from_(gain), target_(gain) {}

  // The target of one that is to stay where it is, wherever that is.
  static constexpr double stay = std::numeric_limits<double>::quiet_NaN();

  // [audio] From `frame` on: waits, then moves.
  void aim(double target, std::int64_t frame, std::int64_t wait, std::int64_t length) {
    from_ = at(frame);
    target_ = std::isnan(target) ? from_ : target;
    start_ = frame + wait;
    length_ = from_ == target_ ? -wait : length;
  }
  double at(std::int64_t frame) const {
    if (frame >= end()) return target_;
    const auto passed = static_cast<double>(std::max<std::int64_t>(frame - start_, 0));
    return from_ + (target_ - from_) * (passed / static_cast<double>(length_));
  }
  // The frame on which it begins to move, or has begun.
  std::int64_t start() const { return start_; }
  // The frame from which on it is at its target.
  std::int64_t end() const { return start_ + length_; }

 private:
  double from_, target_;
  std::int64_t start_ = 0, length_ = 0;
};

}  // namespace arranger
