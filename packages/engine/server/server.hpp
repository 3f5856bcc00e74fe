// SPDX-License-Identifier: MIT
// Lets clients in, looks after their connections, and ends them all within a second.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <vector>

#include "base/thread.hpp"
#include "connection.hpp"
#include "control/server_handler.hpp"
#include "listener.hpp"

namespace arranger::server {

class Server {
 public:
  Server(std::unique_ptr<Listener> listener, bool ends_when_unused);
  ~Server();

  // Until `stop` is called, or the last client has left where that is wanted. Once.
  void run(ServerHandler &handler);
  // Any thread, and safe in a signal's handler.
  void stop();

 private:
  struct Guest {
    Connection connection;
    std::atomic<bool> has_left = false;
    Thread thread;
    Guest(ServerHandler &handler, std::shared_ptr<Stream> stream) : connection(handler, std::move(stream)) {}
  };
  void let_in(ServerHandler &handler);
  void admit(ServerHandler &handler, std::shared_ptr<Stream> stream);
  void see_off();
  void end();

  std::unique_ptr<Listener> listener_;
  const bool ends_when_unused_;
  std::list<Guest> guests_;
  bool had_guest_ = false;
  bool is_full_ = false;  // no client can be taken at this moment
  std::atomic<bool> is_stopped_ = false;
};

}  // namespace arranger::server
