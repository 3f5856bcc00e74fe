// SPDX-License-Identifier: MIT
// Between what calls (a stream, the clock) and what is called: it can be closed while the caller is still about, or dead.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/real_time.hpp"
#include "base/thread.hpp"
#include "device/device.hpp"
#include "device/timing.hpp"

namespace arranger {

// An audio function with the record of its calls, whoever makes them.
class AudioCalls {
 public:
  using Clock = std::chrono::steady_clock;
  AudioCalls(AudioFunction function, double sample_rate, RestFunction rest = {})
      : function_(std::move(function)), rest_(std::move(rest)), sample_rate_(sample_rate) {}

  // [audio] `late`: the caller says that it lost sound since the last call.
  void run(const AudioBlock &block, Clock::time_point began, bool late) {
    function_(block);
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    const double block_seconds = block.frames / sample_rate_;
    const bool too_long = seconds > block_seconds;
    timing_.add(seconds, block_seconds, too_long || (late && !was_too_long_));  // what it lost by that is one xrun
    was_too_long_ = too_long;
  }
  std::int32_t rest() const { return rest_ ? rest_() : 0; }  // [audio]
  DeviceStats stats() const { return timing_.stats(); }      // any thread

 private:
  AudioFunction function_;
  RestFunction rest_;
  double sample_rate_;
  bool was_too_long_ = false;
  CallbackTiming timing_;
};

class CallbackGate {
 public:
  using Clock = AudioCalls::Clock;

  // [audio] Silence while nothing is attached.
  void call(const AudioBlock &block, bool late) noexcept ARRANGER_NONBLOCKING;
  // [audio] For how many frames what it calls does nothing unless it is woken.
  std::int32_t rest() noexcept;

  // [control] Calls go to it from now on. The gate keeps it alive for as long as a call may be inside.
  void attach(std::shared_ptr<AudioCalls> calls);
  // [control] No call goes through any more. Waits for the one inside; false when it did not come out in that time.
  bool detach(std::chrono::milliseconds limit);

  // Any thread.
  bool is_inside() const { return passes_.load() % 2 != 0; }
  Clock::time_point last_call() const { return Clock::time_point(Clock::duration(last_call_.load(relaxed))); }
  std::int32_t frames() const { return frames_.load(relaxed); }  // of the last call; 0: none yet

 private:
  static constexpr auto relaxed = std::memory_order_relaxed;
  // Both sequentially consistent: who takes the calls away and then sees nobody inside knows that nobody will see them.
  std::atomic<AudioCalls *> calls_ = nullptr;
  std::atomic<std::uint64_t> passes_ = 0;  // odd: inside
  std::atomic<Clock::rep> last_call_ = Clock::now().time_since_epoch().count();
  std::atomic<std::int32_t> frames_ = 0;
  Mutex mutex_;
  std::shared_ptr<AudioCalls> owned_;  // guarded by the mutex
};

}  // namespace arranger
