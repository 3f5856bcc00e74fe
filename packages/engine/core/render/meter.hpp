// SPDX-License-Identifier: MIT
// How loud a stretch of both channels is: added up block by block on the audio thread, taken by a reader.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/thread.hpp"

namespace arranger {

struct Levels {
  std::array<float, 2> peak{};      // of the samples' absolute values
  std::array<double, 2> squares{};  // their sum
  std::int64_t frames = 0;

  void add(const Levels &more) {
    for (const std::size_t channel : {0u, 1u}) {
      peak[channel] = std::max(peak[channel], more.peak[channel]);
      squares[channel] += more.squares[channel];
    }
    frames += more.frames;
  }
  double rms(std::size_t channel) const {
    return frames > 0 ? std::sqrt(squares[channel] / static_cast<double>(frames)) : 0;
  }
};

// [audio] In lanes, so that the compiler makes vectors of it without being free to reorder.
inline Levels measure(const float *left, const float *right, std::int32_t frames) {
  constexpr std::int32_t lanes = 8;
  Levels out;
  out.frames = frames;
  for (const std::size_t channel : {0u, 1u}) {
    const float *const samples = channel == 0 ? left : right;
    float peak[lanes] = {}, squares[lanes] = {};
    std::int32_t i = 0;
    for (; i + lanes <= frames; i += lanes)
      for (std::int32_t lane = 0; lane < lanes; ++lane) {
        const float sample = samples[i + lane];
        peak[lane] = std::max(peak[lane], std::fabs(sample));
        squares[lane] += sample * sample;
      }
    for (; i < frames; ++i) {
      peak[0] = std::max(peak[0], std::fabs(samples[i]));
      squares[0] += samples[i] * samples[i];
    }
    for (std::int32_t lane = 0; lane < lanes; ++lane) {
      out.peak[channel] = std::max(out.peak[channel], peak[lane]);
      out.squares[channel] += static_cast<double>(squares[lane]);
    }
  }
  return out;
}

// A full window is exchanged for an empty one whole, so that peak, squares and frames of both channels are of the same
// blocks, and each block is in exactly one window.
class Meter {
 public:
  // [audio] Wait-free.
  void add(const Levels &block) {
    Levels *window = open_.exchange(nullptr, std::memory_order_acquire);
    window->add(block);
    open_.store(window, std::memory_order_release);
  }
  // What came since the last time; nothing when nothing did, or the audio thread stands still within `add`. One thread at
  // a time, not [audio].
  Levels take() {
    for (int tries = 0; tries < 1000; ++tries) {
      Levels *window = open_.load(std::memory_order_relaxed);
      if (window &&
          open_.compare_exchange_strong(window, spare_, std::memory_order_acq_rel, std::memory_order_relaxed)) {
        spare_ = window;
        return std::exchange(*window, {});
      }
      yield_thread();
    }
    return {};
  }

 private:
  Levels windows_[2];
  std::atomic<Levels *> open_ = &windows_[0];  // null within `add`
  Levels *spare_ = &windows_[1];               // the reader's, empty
};

}  // namespace arranger
