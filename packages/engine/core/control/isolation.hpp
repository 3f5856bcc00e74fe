// SPDX-License-Identifier: MIT
// Looks after the processes of isolated nodes while they play: tells what has failed, remembers their states, and starts
// anew what has failed. On a thread of its own, since a process may take its time.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "base/thread.hpp"
#include "control/events.hpp"
#include "engine.hpp"

namespace arranger {

class Isolation {
 public:
  // A node that fails more often is left alone until reset_node.
  static constexpr std::size_t most_restarts = 5;
  static constexpr std::chrono::minutes restart_window{1};

  Isolation(Engine &engine, EventHub &events) : engine_(engine), events_(events) {}
  ~Isolation();

  // Starts the thread when there is something to do for it. Any thread.
  void wake();
  // Restarts of nodes so far. Any thread.
  std::uint64_t restarts() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct History {
    std::deque<Clock::time_point> restarts;  // within the window
    std::weak_ptr<Instance> told;            // the failed one that was told
    bool given_up = false;                   // of that one
  };

  void run();
  void look();
  void remember(const std::vector<IsolatedNode> &nodes);
  void tell(const IsolatedNode &node, const Error &failure);
  bool may_restart(History &history) const;
  void restart(const IsolatedNode &node);

  Engine &engine_;
  EventHub &events_;
  mutable Mutex mutex_;
  Condition changed_;
  bool stopping_ = false;
  std::uint64_t restarts_ = 0;
  Thread thread_;
  Clock::time_point remembered_{};
  Clock::time_point next_try_{};
  std::map<std::string, History> histories_;  // by node
};

}  // namespace arranger
