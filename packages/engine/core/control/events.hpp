// SPDX-License-Identifier: MIT
// Push events: from any thread of the engine to whoever subscribed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread.hpp"
#include "control/event_queue.hpp"

namespace arranger {

class EventHub {
 public:
  // Called with one JSON event at a time, from any thread; an empty function ends it. Any thread.
  void listen(std::function<void(std::string)> sink);
  // The same through a queue, for a reader that may be slow.
  void listen_through(std::shared_ptr<EventQueue> queue);
  void subscribe(const std::vector<std::string> &events, double interval_ms);
  void unsubscribe(const std::vector<std::string> &events);

  // The interval of an event that somebody wants, in ms. Any thread.
  std::optional<double> wanted(std::string_view event) const;
  void emit(std::string json) const;
  // Events that readers were too slow for. Any thread.
  std::uint64_t dropped() const;

 private:
  struct Subscription {
    std::string event;
    double interval_ms;
  };
  mutable Mutex mutex_;
  std::shared_ptr<const std::function<void(std::string)>> sink_;  // shared: it is called without the lock
  std::shared_ptr<const EventQueue> queue_;                       // behind the sink, or null
  std::vector<Subscription> subscriptions_;
};

}  // namespace arranger
