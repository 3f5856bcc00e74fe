// SPDX-License-Identifier: MIT
// What was given now and is for later.
#pragma once

#include <cstdint>
#include <memory>

#include "arranger/plugin.h"

namespace arranger {

// An event, or a change of a parameter: then `event.value` is the new value and `event.data` the frames of a ramp.
struct Pending {
  enum class Kind : std::uint8_t { event, smoothed_change, ramp };
  std::int64_t due;  // steady frame
  arr_event event;
  std::uint32_t target;  // event input or parameter of a plan
  Kind kind;
};

// A ring of them, earliest first; equals in the order they came. [audio] unless said otherwise.
class PendingQueue {
 public:
  // [control] `capacity` is a power of two.
  explicit PendingQueue(std::uint32_t capacity)
      : places_(std::make_unique_for_overwrite<Pending[]>(capacity)), capacity_(capacity) {}

  // False when it is full.
  bool push(const Pending &pending) {
    if (count_ == capacity_) return false;
    std::uint32_t at = count_++;
    for (; at > 0 && place(at - 1).due > pending.due; --at) place(at) = place(at - 1);
    place(at) = pending;
    return true;
  }

  bool empty() const { return count_ == 0; }
  std::uint32_t size() const { return count_; }
  const Pending &operator[](std::uint32_t index) const { return places_[(first_ + index) & (capacity_ - 1)]; }
  const Pending &front() const { return places_[first_]; }
  void pop() {
    first_ = (first_ + 1) & (capacity_ - 1);
    --count_;
  }
  void clear() { first_ = count_ = 0; }

 private:
  Pending &place(std::uint32_t index) { return places_[(first_ + index) & (capacity_ - 1)]; }

  std::unique_ptr<Pending[]> places_;
  std::uint32_t capacity_;
  std::uint32_t first_ = 0, count_ = 0;
};

}  // namespace arranger
