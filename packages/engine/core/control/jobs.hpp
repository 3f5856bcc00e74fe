// SPDX-License-Identifier: MIT
// What takes long, on threads of its own. They are few, since more would only take the processor from each other; but a
// client that has nothing running does not wait for those who have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "base/thread.hpp"
#include "control/answer.hpp"
#include "control/client_state.hpp"

namespace arranger {

struct Job {
  std::shared_ptr<ClientState> client;  // has to outlive what the answer holds of it
  std::uint64_t place;                  // of its reply
  Answer answer;
};

class Jobs {
 public:
  // Returns when all are done. Once.
  void finish();
  // Its reply is given when it is done, or says that it is busy where the system has no thread. Any thread.
  void add(Job job);
  // Does one of those that wait, on this thread; false when there was none. For who has no other thread, where `add` starts
  // none.
  bool run_one();

 private:
  using Waiting = std::deque<Job>;
  void run();
  void run(Waiting::iterator place, std::unique_lock<Mutex> &lock);
  bool may_start(const ClientState *client) const;
  Waiting::iterator next();

  Mutex mutex_;
  Condition changed_;
  Waiting waiting_;
  std::vector<Thread> threads_;
  std::map<const ClientState *, std::size_t> running_of_;
  std::size_t running_ = 0, idle_ = 0;
  bool ending_ = false;
};

}  // namespace arranger
