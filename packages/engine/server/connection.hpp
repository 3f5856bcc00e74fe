// SPDX-License-Identifier: MIT
// One client of the server, on a thread that reads, runs and answers, so that an ordinary request changes no thread.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/thread.hpp"
#include "control/server_handler.hpp"
#include "framing.hpp"
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
  // Replies on their way from whatever thread gives them. The engine may hold it longer than the connection lives.
  struct Outbox {
    explicit Outbox(std::shared_ptr<Stream> to) : stream(std::move(to)) {}
    const std::shared_ptr<Stream> stream;
    Mutex mutex;
    std::deque<std::string> texts;
  };
  struct Message {
    std::string text;
    std::size_t sent = 0;  // of header and text
  };

  void deliver();
  void collect();
  void queue(std::string text);
  void send();
  void receive();
  bool serve_next();
  void begin_to_end();
  void refuse(Error error);
  void hear_out();
  void give_up_sending();
  bool may_take_more() const;
  bool may_take_events() const;
  Replies::Sink sink();

  const std::shared_ptr<Stream> stream_;
  const std::shared_ptr<Outbox> outbox_;
  const std::shared_ptr<EventQueue> events_;
  Mutex client_mutex_;  // of `stop` and of the end of what it stops
  std::unique_ptr<Client> client_;
  MessageReader reader_;
  std::deque<Message> backlog_;
  std::size_t backlog_size_ = 0;  // bytes
  std::size_t due_ = 0;           // replies
  bool has_read_all_ = false;     // the client sends no more, or nothing that could be understood
  bool has_refused_ = false;      // the latter
  bool may_send_ = true;
  bool has_served_ = false;
  bool events_wait_ = false;
  std::optional<Stream::Clock::time_point> end_;  // of waiting, once it is stopped
  std::atomic<bool> is_stopped_ = false;
};

}  // namespace arranger::server
