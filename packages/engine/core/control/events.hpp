// SPDX-License-Identifier: MIT
// Push events: from any thread of the engine to those who subscribed, each at a pace of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread.hpp"
#include "control/event_queue.hpp"

namespace arranger {

// One who may be told: what it wants, and where that goes. Any thread.
class Subscriber {
 public:
  using Clock = std::chrono::steady_clock;
  using Sink = std::function<void(std::string)>;

  // Called with one JSON event at a time, from any thread; an empty function ends it.
  void listen(Sink sink);
  // The same through a queue, for a reader that may be slow.
  void listen_through(std::shared_ptr<EventQueue> queue);
  void subscribe(const std::vector<std::string> &events, double interval_ms);
  void unsubscribe(const std::vector<std::string> &events);

  // The interval of an event that it wants while somebody listens.
  std::optional<std::chrono::duration<double, std::milli>> wanted(std::string_view event) const;
  // Of all that it wants while somebody listens; the greatest of its type when that is nothing.
  Clock::duration shortest_interval() const;
  // Whether it wants the event and its interval is over; that begins anew then.
  bool is_due(std::string_view event, Clock::time_point now);
  void emit(std::string json) const;
  // Events that the reader was too slow for.
  std::uint64_t dropped() const;

 private:
  struct Subscription {
    std::chrono::duration<double, std::milli> interval{};
    std::optional<Clock::time_point> told;
  };
  mutable Mutex mutex_;
  std::shared_ptr<const Sink> sink_;         // shared: it is called without the lock
  std::shared_ptr<const EventQueue> queue_;  // behind the sink, or null
  std::map<std::string, Subscription, std::less<>> subscriptions_;
};

// All subscribers of an engine. Any thread.
class EventHub {
 public:
  using Subscribers = std::vector<std::shared_ptr<Subscriber>>;

  void add(std::shared_ptr<Subscriber> subscriber);
  void remove(const std::shared_ptr<Subscriber> &subscriber);

  bool wanted(std::string_view event) const;
  Subscribers wanting(std::string_view event) const;
  // Those of them whose interval is over; it begins anew then.
  Subscribers due(std::string_view event) const;
  // Of all that anybody wants.
  Subscriber::Clock::duration shortest_interval() const;
  // To all who want it, whenever they were told last.
  void emit(std::string_view event, const std::string &json) const;
  // Events that readers were too slow for.
  std::uint64_t dropped() const;

 private:
  Subscribers all() const;
  mutable Mutex mutex_;
  Subscribers subscribers_;
  std::uint64_t dropped_ = 0;  // by those who are gone
};

}  // namespace arranger
