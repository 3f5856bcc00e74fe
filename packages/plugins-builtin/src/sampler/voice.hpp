// SPDX-License-Identifier: MIT
// One note of a sample.
#pragma once

#include <arranger/dsp.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels.hpp"
#include "sample.hpp"

namespace arranger::sampler {

// The part that repeats, in frames: start .. end - 1. end = 0: none.
struct Loop {
  std::int64_t start = 0, end = 0;
};

class Voice {
 public:
  dsp::Envelope envelope;
  bool pedalled = false;  // released while the pedal was down

  bool is_active() const { return envelope.is_active(); }
  float level() const { return level_ * envelope.level(); }

  // From the sample's beginning, at `ratio` of the speed it has at the output's rate. The envelope's times are set.
  void start(const Sample &sample, double ratio, float bend, float level, Loop loop) {
    sample_ = &sample;
    ratio_ = ratio;
    level_ = level;
    loop_ = loop;
    looped_ = pedalled = false;
    position_ = 0;
    set_bend(bend);
    envelope.trigger();
  }

  // `factor` on the frequency.
  void set_bend(float factor) {
    const double step = ratio_ * static_cast<double>(factor) * static_cast<double>(one_frame) + 0.5;
    step_ = static_cast<Position>(std::clamp(step, 1.0, 0x1p56));
    kernel_ = &kernels().kernel_for(step_);
  }

  // [audio] Adds `frames` frames to as many channels as the sample has.
  void add(float *const *channels, Frame frames) {
    const dsp::Signal shape = envelope.next(frames);
    for (Frame i = 0; i < frames; ++i) {
      if (loop_.end == 0 && (position_ >> 32) >= sample_->frames + kernel_->taps / 2) return envelope.reset();
      for (int c = 0; c < sample_->channel_count; ++c) channels[c][i] += level_ * shape[i] * value(sample_->channel(c));
      position_ += step_;
      if (loop_.end != 0 && (position_ >> 32) >= loop_.end) wrap();
    }
  }

 private:
  using Frame = dsp::Frame;

  void wrap() {
    const Position length = (loop_.end - loop_.start) * one_frame, start = loop_.start * one_frame;
    position_ = start + (position_ - start) % length;
    looped_ = true;
  }

  float value(const float *samples) const {
    const std::int64_t first = (position_ >> 32) - kernel_->before();
    const bool reads_over_the_seam =
        loop_.end != 0 && (first + kernel_->taps > loop_.end || (looped_ && first < loop_.start));
    if (!reads_over_the_seam) return Kernels::interpolate(*kernel_, samples + first, position_);
    float window[Kernels::max_taps];
    for (int i = 0; i < kernel_->taps; ++i) window[i] = samples[on_the_loop(first + i)];
    return Kernels::interpolate(*kernel_, window, position_);
  }

  // The frame that sounds where the loop is laid end to end: after its end comes its start, and once it has repeated,
  // before its start came its end.
  std::int64_t on_the_loop(std::int64_t frame) const {
    const std::int64_t length = loop_.end - loop_.start;
    if (frame >= loop_.end) return loop_.start + (frame - loop_.start) % length;
    if (looped_ && frame < loop_.start) return loop_.end - 1 - (loop_.start - 1 - frame) % length;
    return frame;
  }

  const Sample *sample_ = nullptr;
  const Kernels::Kernel *kernel_ = nullptr;
  double ratio_ = 1;
  float level_ = 0;
  Loop loop_;
  bool looped_ = false;
  Position position_ = 0, step_ = 0;
};

}  // namespace arranger::sampler
