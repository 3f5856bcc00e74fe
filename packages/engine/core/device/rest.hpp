// SPDX-License-Identifier: MIT
// Where a clock waits for its next block: for longer than that while nothing goes on, until somebody has sent something.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace arranger {

class Rest {
 public:
  using Time = std::chrono::steady_clock;

  // Has who rests go on at its pace, in time for what was sent before. Any thread; a few nanoseconds while nobody rests.
  void wake() {
    // Either who begins to rest sees what was sent, or it is seen here that it rests.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (is_resting_.load(std::memory_order_relaxed)) call();
  }
  // Ends a wait of whoever has set `stopping`, which it reads with the lock held.
  void stop(bool &stopping) {
    {
      const std::lock_guard lock(mutex_);
      stopping = true;
    }
    changed_.notify_all();
  }
  // Waits for that time; false where it was stopped instead.
  bool wait(Time::time_point due, const bool &stopping) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_until(lock, due, [&] { return stopping; });
  }
  // Waits until a later time, which `until()` says with what was sent before, or until woken. One thread at a time.
  template <class Until>
  Time::time_point rest(Time::time_point due, const bool &stopping, Until until) {
    std::unique_lock lock(mutex_);
    is_woken_ = false;
    is_resting_.store(true, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const Time::time_point latest = until();
    if (latest > due) changed_.wait_until(lock, latest, [&] { return stopping || is_woken_; });
    is_resting_.store(false, std::memory_order_relaxed);
    return latest;
  }

 private:
  void call() {
    {
      const std::lock_guard lock(mutex_);
      is_woken_ = true;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;  // taken between blocks only
  std::condition_variable changed_;
  bool is_woken_ = false;
  std::atomic<bool> is_resting_ = false;
};

}  // namespace arranger
