// SPDX-License-Identifier: MIT
// The replies of one client on their way out, in the order that it has chosen.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/thread.hpp"

namespace arranger {

enum class ReplyOrder { as_sent, as_ready };

class Replies {
 public:
  using Sink = std::function<void(std::string)>;

  explicit Replies(ReplyOrder order) : order_(order) {}

  // A place in the line, taken in the order of the requests; `give` fills it. Any thread, as all of these.
  std::uint64_t expect(Sink sink) {
    const std::lock_guard lock(mutex_);
    line_.push_back({next_, std::move(sink), {}});
    return next_++;
  }
  // Sends it on and with it all that waited for it alone, one at a time and without a lock: what a sink calls may come here.
  void give(std::uint64_t place, std::string text) {
    std::unique_lock lock(mutex_);
    const auto slot = std::ranges::lower_bound(line_, place, {}, &Slot::place);
    if (slot == line_.end()) return;  // the client has gone
    slot->text = std::move(text);
    held_ += size_of(*slot);
    send_ready(lock);
  }
  // Bytes of what is given and waits for a reply before it.
  std::size_t held() const {
    const std::lock_guard lock(mutex_);
    return held_;
  }
  void set_order(ReplyOrder order) {
    std::unique_lock lock(mutex_);
    order_ = order;
    send_ready(lock);
  }
  // Nobody is told any more; a sink that is being called goes on.
  void end() {
    const std::lock_guard lock(mutex_);
    line_.clear();
    held_ = 0;
  }

 private:
  struct Slot {
    std::uint64_t place;
    Sink sink;
    std::optional<std::string> text;  // none: not yet given
  };
  // Whoever is sending sends what others have made ready meanwhile, so that nothing overtakes.
  void send_ready(std::unique_lock<Mutex> &lock) {
    if (sending_) return;
    sending_ = true;
    while (!line_.empty()) {
      const auto ready = order_ == ReplyOrder::as_sent ? line_.begin() : std::ranges::find_if(line_, is_given);
      if (ready == line_.end() || !is_given(*ready)) break;
      held_ -= size_of(*ready);
      Slot slot = std::move(*ready);
      line_.erase(ready);
      lock.unlock();
      slot.sink(std::move(*slot.text));
      lock.lock();
    }
    sending_ = false;
  }
  static bool is_given(const Slot &slot) { return slot.text.has_value(); }
  static std::size_t size_of(const Slot &slot) { return sizeof(Slot) + slot.text->size(); }

  mutable Mutex mutex_;
  ReplyOrder order_;
  std::deque<Slot> line_;
  std::uint64_t next_ = 0;
  std::size_t held_ = 0;
  bool sending_ = false;
};

}  // namespace arranger
