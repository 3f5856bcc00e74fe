// SPDX-License-Identifier: MIT
// What is on its way to one client: replies from whatever thread gives them, and events. The connection's own thread sends
// it, and while that runs a request which takes long, whoever brings something does. What a request itself tells of, and all
// that comes while a short one runs, goes out behind its reply.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "base/thread.hpp"
#include "control/event_queue.hpp"
#include "control/replies.hpp"
#include "stream.hpp"

namespace arranger::server {

// Who has the turn may use the stream, and what follows here. The engine may hold it longer than the connection lives.
class Sender : public std::enable_shared_from_this<Sender> {
 public:
  // In bytes; beyond it events wait, and may be lost.
  static constexpr std::size_t most_event_backlog = std::size_t{64} << 10;

  static std::shared_ptr<Sender> make(std::shared_ptr<Stream> stream);

  // For the client to be told through. Any thread.
  const std::shared_ptr<EventQueue> &events() const { return events_; }

  // [connection's thread] Takes the turn for good, but for what it gives it up for; after `end` nobody sends any more.
  void begin() {
    home_ = std::this_thread::get_id();
    turn_.lock();
  }
  template <class Request>
  void while_others_send(const Request &request) {
    request_began_ = Stream::Clock::now();
    turn_.unlock();
    request();
    turn_.lock();
  }
  void end();

  // [connection's thread] The rest, with the turn.
  Replies::Sink expect_reply();
  void deliver() { deliver(SIZE_MAX); }  // as much as the client takes now
  void give_up();                        // it takes nothing any more
  bool may_send() const { return may_send_; }
  std::size_t due() const { return due_; }          // replies
  std::size_t backlog() const { return backlog_; }  // bytes
  bool has_messages() const { return !messages_.empty(); }
  bool events_can_go_on() const { return events_wait_ && may_take_events(); }

 private:
  explicit Sender(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}
  struct Message {
    std::string text;
    std::size_t sent = 0;  // of header and text
  };
  bool may_take_events() const { return backlog_ < most_event_backlog; }
  void deliver(std::size_t most);  // bytes, about
  void collect();
  void queue(std::string text);
  void send(std::size_t most);
  bool try_deliver();
  bool has_news();
  void send_what_waits();

  const std::shared_ptr<Stream> stream_;
  std::shared_ptr<EventQueue> events_;
  std::atomic<std::thread::id> home_;
  Mutex turn_;
  Stream::Clock::time_point request_began_;
  std::deque<Message> messages_;
  std::size_t backlog_ = 0, due_ = 0;
  bool may_send_ = true;
  bool events_wait_ = false;
  Mutex mutex_;  // of what follows
  std::deque<std::string> replies_;
};

}  // namespace arranger::server
