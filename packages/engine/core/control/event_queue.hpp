// SPDX-License-Identifier: MIT
// Push events on their way to one reader. It is bounded: a reader that is slow loses the oldest, which are counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "base/thread.hpp"

namespace arranger {

class EventQueue {
 public:
  static constexpr std::size_t capacity = 1024;

  // `wake` is called, from any thread, when something has come: into the empty queue, or each time.
  enum class Wake { when_empty, each_time };
  explicit EventQueue(std::function<void()> wake, Wake when = Wake::when_empty)
      : wake_(std::move(wake)), wakes_each_time_(when == Wake::each_time) {}

  // Any thread.
  void push(std::string json) {
    std::unique_lock lock(mutex_);
    const bool was_empty = waiting_.empty();
    if (waiting_.size() == capacity) {
      waiting_.pop_front();
      dropped_.fetch_add(1, std::memory_order_relaxed);
    }
    waiting_.push_back(std::move(json));
    lock.unlock();
    if (was_empty || wakes_each_time_) wake_();
  }
  // All that waits, the oldest first. Any thread.
  std::deque<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }
  bool empty() const {
    const std::lock_guard lock(mutex_);
    return waiting_.empty();
  }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  std::function<void()> wake_;
  const bool wakes_each_time_;
  mutable Mutex mutex_;
  std::deque<std::string> waiting_;
  std::atomic<std::uint64_t> dropped_ = 0;
};

}  // namespace arranger
