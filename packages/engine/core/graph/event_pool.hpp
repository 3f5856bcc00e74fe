// SPDX-License-Identifier: MIT
// Room for the events that come to the nodes of a plan in one slice: as much memory is touched as there are events.
#pragma once

#include <algorithm>
#include <cstdint>

#include "arranger/plugin.h"
#include "base/arena.hpp"

namespace arranger {

inline constexpr std::uint32_t input_event_capacity = 4096;

// A list's storage while a slice lasts.
struct EventRoom {
  arr_event *storage = nullptr;
  std::uint32_t capacity = 0;
};

class EventPool {
 public:
  // [control] For lists of so many event inputs: each may have some, and a good number of them many.
  void resize(std::size_t inputs) {
    size_ = std::uint32_t(16 * input_event_capacity + 32 * inputs);
    events_ = memory_.take_raw<arr_event>(size_, true);
  }
  const arr_event *begin() const { return events_; }
  // [audio] All is given back.
  void clear() { used_ = 0; }
  // [audio] Doubles the room of a list with `count` events, at most up to the capacity of an input; false: there is none.
  bool grow(EventRoom &room, std::uint32_t count) {
    if (room.capacity == input_event_capacity) return false;
    const std::uint32_t wanted = std::max(2 * room.capacity, 8u);
    const bool is_last = room.capacity > 0 && room.storage + room.capacity == events_ + used_;
    if (size_ - used_ < wanted - (is_last ? room.capacity : 0)) return false;
    if (is_last) {
      used_ += wanted - room.capacity;
    } else {
      arr_event *const moved = events_ + used_;
      std::copy_n(room.storage, count, moved);
      room.storage = moved;
      used_ += wanted;
    }
    room.capacity = wanted;
    return true;
  }

 private:
  Arena memory_{1};
  arr_event *events_ = nullptr;
  std::uint32_t size_ = 0, used_ = 0;
};

}  // namespace arranger
