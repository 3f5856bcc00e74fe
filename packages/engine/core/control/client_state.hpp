// SPDX-License-Identifier: MIT
// What the engine keeps of one client. Those who work for it share it, so it may outlast the client.
#pragma once

#include <atomic>
#include <memory>

#include "control/events.hpp"
#include "control/replies.hpp"
#include "control/running_renders.hpp"

namespace arranger {

struct ClientState {
  explicit ClientState(ReplyOrder order) : replies(order) {}

  const std::shared_ptr<Subscriber> subscriber = std::make_shared<Subscriber>();
  RunningRenders renders;
  Replies replies;
  std::atomic<bool> has_gone = false;  // what it still waits for is not begun
};

}  // namespace arranger
