// SPDX-License-Identifier: MIT
// A bounded queue of numbers that any threads put into and take from, without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace arranger {

// Each place has a turn: it says whose it is, so that a number is taken only when it has been written. [audio]
class TaskQueue {
 public:
  static constexpr std::uint32_t capacity = 1024;

  TaskQueue() {
    for (std::uint32_t i = 0; i < capacity; ++i) places_[i].turn.store(i, std::memory_order_relaxed);
  }

  // False when it is full.
  bool push(std::uint32_t number) {
    for (std::uint32_t at = in_.load(std::memory_order_relaxed);;) {
      Place &place = places_[at % capacity];
      const auto ahead = static_cast<std::int32_t>(place.turn.load(std::memory_order_acquire) - at);
      if (ahead < 0) return false;
      if (ahead > 0) {
        at = in_.load(std::memory_order_relaxed);
      } else if (in_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        place.number = number;
        place.turn.store(at + 1, std::memory_order_release);
        return true;
      }
    }
  }

  // False when it is empty.
  bool pop(std::uint32_t &number) {
    for (std::uint32_t at = out_.load(std::memory_order_relaxed);;) {
      Place &place = places_[at % capacity];
      const auto ahead = static_cast<std::int32_t>(place.turn.load(std::memory_order_acquire) - (at + 1));
      if (ahead < 0) return false;
      if (ahead > 0) {
        at = out_.load(std::memory_order_relaxed);
      } else if (out_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        number = place.number;
        place.turn.store(at + capacity, std::memory_order_release);
        return true;
      }
    }
  }

 private:
  struct Place {
    std::atomic<std::uint32_t> turn;
    std::uint32_t number;
  };

  std::array<Place, capacity> places_;
  alignas(64) std::atomic<std::uint32_t> in_ = 0;
  alignas(64) std::atomic<std::uint32_t> out_ = 0;
};

}  // namespace arranger
