// SPDX-License-Identifier: MIT
#include "connection.hpp"

#include <utility>

#include "base/format.hpp"

namespace arranger::server {
namespace {

using namespace std::chrono_literals;

// A client that does not read is not read from while so much waits for it, and loses events.
constexpr std::size_t most_backlog = std::size_t{4} << 20;  // bytes
constexpr std::size_t most_renders = 64;
constexpr auto patience_at_end = 250ms;
constexpr auto patience_with_the_refused = 2s;

}  // namespace

Connection::Connection(ServerHandler &handler, std::shared_ptr<Stream> stream)
    : stream_(std::move(stream)), sender_(Sender::make(stream_)), client_(handler.connect(ReplyOrder::as_sent)) {
  client_->listen_through(sender_->events());
  client_->limit_renders(most_renders);
}

void Connection::stop() {
  is_stopped_ = true;
  {
    const std::lock_guard lock(client_mutex_);
    if (client_) client_->end_renders();  // at once, whatever its thread is waiting for
  }
  stream_->wake();
}

void Connection::run() {
  sender_->begin();
  while (true) {
    if (is_stopped_ && !end_) begin_to_end();
    sender_->deliver();
    while (!is_stopped_ && may_take_more() && serve_next()) sender_->deliver();
    if (has_read_all_ && has_told_all()) break;
    if (end_ && Stream::Clock::now() >= *end_) break;
    if (sender_->events_can_go_on()) continue;
    const Stream::Ready ready = stream_->wait(!has_read_all_ && may_take_more(), sender_->has_messages(), end_);
    if (ready.has_hung_up) sender_->give_up();
    if (ready.has_hung_up && !may_take_more()) break;
    if (ready.to_read && !has_read_all_) receive();
  }
  {
    const std::lock_guard lock(client_mutex_);
    client_.reset();
  }
  const bool may_send = sender_->may_send();
  sender_->end();
  if (has_refused_ && may_send) hear_out();
  stream_->close();
}

bool Connection::has_told_all() const {
  return !sender_->may_send() || (sender_->due() == 0 && !sender_->has_messages());
}

// The client has a quarter of a second to take what is due to it.
void Connection::begin_to_end() {
  end_ = Stream::Clock::now() + patience_at_end;
  has_read_all_ = true;
}

bool Connection::may_take_more() const { return sender_->backlog() + client_->held() < most_backlog; }

void Connection::receive() {
  const auto count = stream_->read(reader_.room());
  if (!count) has_read_all_ = true;
  else reader_.add(*count);
}

// Whether there was a whole message. What was sent before the client left is still run.
bool Connection::serve_next() {
  if (end_) return false;
  const MessageReader::Next next = reader_.next();
  switch (next.kind) {
    case MessageReader::Kind::none:
      return false;
    case MessageReader::Kind::message:
      has_served_ = true;
      sender_->while_others_send([&, reply = sender_->expect_reply()] { client_->ask(next.text, reply); });
      return true;
    case MessageReader::Kind::empty:
      refuse({Code::message_empty, "Expected a message but received one of length 0", {}});
      return true;
    case MessageReader::Kind::too_large:
      refuse({Code::message_too_large,
              format("Expected at most {} bytes but received a message of {}", greatest_message, next.length),
              {}});
      return true;
  }
  return false;
}

// Where the next message begins is not known.
void Connection::refuse(Error error) {
  client_->refuse(std::move(error), sender_->expect_reply());
  has_read_all_ = has_refused_ = true;
  reader_ = {};
}

// A client that is still writing would lose the error unread if it were left at once.
void Connection::hear_out() {
  stream_->end_writing();
  const auto until = Stream::Clock::now() + patience_with_the_refused;
  while (!is_stopped_ && Stream::Clock::now() < until) {
    const bool can_read = stream_->wait(true, false, until).to_read;
    if (can_read && !stream_->read(reader_.room())) return;
  }
}

}  // namespace arranger::server
