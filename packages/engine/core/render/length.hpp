// SPDX-License-Identifier: MIT
// Where a render ends: after a given time, or when it has become quiet.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace arranger {

class RenderLength {
 public:
  static constexpr float quiet = 3.1622777e-5f;  // -90 dBFS: one step of 16 bits
  static constexpr double quiet_seconds = 0.5;
  static constexpr double greatest_tail_seconds = 60;

  // All in frames.
  static RenderLength fixed(std::int64_t frames) { return {frames, frames, 0}; }
  // Ends when the output has stayed below `quiet` for `quiet_seconds`, counted from the end of the song, and after
  // `greatest_tail_seconds` in any case. The quiet stretch belongs to the render.
  static RenderLength until_silence(std::int64_t song, int sample_rate) {
    const auto frames = [sample_rate](double seconds) { return std::llround(seconds * sample_rate); };
    return {song, song + frames(greatest_tail_seconds), frames(quiet_seconds)};
  }

  // How many of the next frames belong to the render. The answer does not depend on how the signal is cut.
  std::int64_t take(const float *stereo, std::int64_t frames) {
    const std::int64_t count = std::min(frames, most_ - frames_);
    for (std::int64_t i = std::max<std::int64_t>(song_ - frames_, 0); i < count && !ended_; ++i) {
      const bool is_quiet = std::fabs(stereo[2 * i]) < quiet && std::fabs(stereo[2 * i + 1]) < quiet;
      quiet_frames_ = is_quiet ? quiet_frames_ + 1 : 0;
      if (quiet_frames_ < quiet_enough_) continue;
      ended_ = true;
      frames_ += i + 1;
      return i + 1;
    }
    frames_ += count;
    if (frames_ == most_) ended_ = true;
    return count;
  }

  bool ended() const { return ended_; }
  std::int64_t frames() const { return frames_; }
  std::int64_t least() const { return std::min(song_ + quiet_enough_, most_); }
  std::int64_t most() const { return most_; }
  // The best guess at the whole, which never makes the ratio of frames() to it fall.
  std::int64_t expected() const {
    return ended_ ? frames_ : std::max(least(), std::min(frames_ + quiet_enough_, most_));
  }
  // Whether the limit ended it while it still sounded.
  bool cut() const { return quiet_enough_ > 0 && frames_ == most_ && quiet_frames_ < quiet_enough_; }

 private:
  RenderLength(std::int64_t song, std::int64_t most, std::int64_t quiet_enough)
      : song_(song), most_(most), quiet_enough_(quiet_enough) {}

  std::int64_t song_, most_;
  std::int64_t quiet_enough_;  // 0: a fixed length
  std::int64_t frames_ = 0, quiet_frames_ = 0;
  bool ended_ = false;
};

}  // namespace arranger
