// SPDX-License-Identifier: MIT
// One client of the server, on a thread that reads, runs and answers, so that an ordinary request changes no thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "base/thread.hpp"
#include "control/server_handler.hpp"
#include "framing.hpp"
#include "sender.hpp"
#include "stream.hpp"

namespace arranger::server {

class Connection {
 public:
  Connection(ServerHandler &handler, std::shared_ptr<Stream> stream);

  // Until the client has left, or what was due when `stop` was called is sent, which takes a quarter of a second at most.
  void run();
  // Any thread.
  void stop();
  // Whether it has ever sent a whole message. After `run`.
  bool has_served() const { return has_served_; }

 private:
  void receive();
  bool serve_next();
  void begin_to_end();
  void refuse(Error error);
  void hear_out();
  bool may_take_more() const;
  bool has_told_all() const;

  const std::shared_ptr<Stream> stream_;
  const std::shared_ptr<Sender> sender_;
  Mutex client_mutex_;  // of `stop` and of the end of what it stops
  std::unique_ptr<Client> client_;
  MessageReader reader_;
  bool has_read_all_ = false;  // the client sends no more, or nothing that could be understood
  bool has_refused_ = false;   // the latter
  bool has_served_ = false;
  std::optional<Stream::Clock::time_point> end_;  // of waiting, once it is stopped
  std::atomic<bool> is_stopped_ = false;
};

}  // namespace arranger::server
