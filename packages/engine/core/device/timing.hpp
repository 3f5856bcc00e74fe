// SPDX-License-Identifier: MIT
// How long the calls of an audio function take: written by the audio thread, read by any.
#pragma once

#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>

#include "device/device.hpp"

namespace arranger {

class CallbackTiming {
 public:
  // [audio] `block_seconds`: what the call had.
  void add(double seconds, double block_seconds, bool late) {
    const double us = seconds * 1e6;
    bump(buckets_[bucket_of(us)]);
    bump(calls_);
    if (late) bump(xruns_);
    if (us > max_us_.load(relaxed)) max_us_.store(us, relaxed);
    const double share = seconds / block_seconds, before = load_.load(relaxed);
    load_.store(before + (share - before) * std::min(1.0, block_seconds), relaxed);  // of about the last second
  }

  // Any thread. Percentiles are exact to a twelfth of an octave.
  DeviceStats stats() const {
    return {xruns_.load(relaxed), load_.load(relaxed), percentile(0.5), percentile(0.99), max_us_.load(relaxed)};
  }

 private:
  static constexpr auto relaxed = std::memory_order_relaxed;
  static constexpr std::size_t bucket_count = 288, per_octave = 12;
  using Count = std::atomic<std::uint64_t>;
  // Nobody else writes, so no locked instruction is needed.
  static void bump(Count &count) { count.store(count.load(relaxed) + 1, relaxed); }

  static std::size_t bucket_of(double us) {
    const double octaves = std::log2(std::max(us, 0.125) / 0.125);
    return std::min(bucket_count - 1, static_cast<std::size_t>(octaves * per_octave));
  }
  double percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(calls_.load(relaxed)));
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < bucket_count; ++i) {
      passed += buckets_[i].load(relaxed);
      if (passed > wanted)
        return std::min(max_us_.load(relaxed), 0.125 * std::exp2(static_cast<double>(i + 1) / per_octave));
    }
    return max_us_.load(relaxed);
  }

  std::array<Count, bucket_count> buckets_{};
  Count calls_ = 0, xruns_ = 0;
  std::atomic<double> max_us_ = 0, load_ = 0;
};

}  // namespace arranger
