// SPDX-License-Identifier: MIT
// Requests that wait for the engine's own thread, which runs them in the order given.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/thread.hpp"
#include "control/attachments.hpp"
#include "control/client_state.hpp"

namespace arranger {

struct HandlerState;

class RequestQueue {
 public:
  explicit RequestQueue(HandlerState &handler) : handler_(handler) {}
  // Returns when all have run. Once.
  void finish();
  // Any thread.
  void add(std::shared_ptr<ClientState> client, std::uint64_t place, std::string request,
           std::vector<Attachment> attachments);

 private:
  struct Pending {
    std::shared_ptr<ClientState> client;
    std::uint64_t place;
    std::string request;
    std::vector<Attachment> attachments;  // copies
  };
  void run();

  HandlerState &handler_;
  Mutex mutex_;
  Condition changed_;
  std::deque<Pending> waiting_;
  bool ending_ = false;
  Thread thread_;  // started by the first request
};

}  // namespace arranger
