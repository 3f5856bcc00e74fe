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
#include "graph/kernels.hpp"

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

// [audio]
inline Levels measure(const float *left, const float *right, std::int32_t frames) {
  const Loudness l = kernels.measure(left, frames), r = kernels.measure(right, frames);
  return {{l.peak, r.peak}, {l.squares, r.squares}, frames};
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
