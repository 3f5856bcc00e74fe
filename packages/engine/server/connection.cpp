// SPDX-License-Identifier: MIT
#include "connection.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/format.hpp"

namespace arranger::server {
namespace {

using namespace std::chrono_literals;

// A client that does not read is not read from while so much waits for it, and loses events.
constexpr std::size_t most_backlog = std::size_t{4} << 20;         // bytes
constexpr std::size_t most_event_backlog = std::size_t{64} << 10;  // bytes
constexpr std::size_t most_renders = 64;
constexpr auto patience_at_end = 250ms;
constexpr auto patience_with_the_refused = 2s;

}  // namespace

Connection::Connection(ServerHandler &handler, std::shared_ptr<Stream> stream)
    : stream_(std::move(stream)),
      outbox_(std::make_shared<Outbox>(stream_)),
      events_(std::make_shared<EventQueue>([to = stream_] { to->wake(); })),
      client_(handler.connect(ReplyOrder::as_sent)) {
  client_->listen_through(events_);
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
  while (true) {
    if (is_stopped_ && !end_) begin_to_end();
    deliver();
    while (!is_stopped_ && may_take_more() && serve_next()) deliver();
    if (has_read_all_ && (!may_send_ || (due_ == 0 && backlog_.empty()))) break;
    if (end_ && Stream::Clock::now() >= *end_) break;
    if (events_wait_ && may_take_events()) continue;
    const Stream::Ready ready = stream_->wait(!has_read_all_ && may_take_more(), !backlog_.empty(), end_);
    if (ready.has_hung_up) give_up_sending();
    if (ready.has_hung_up && !may_take_more()) break;
    if (ready.to_read && !has_read_all_) receive();
  }
  {
    const std::lock_guard lock(client_mutex_);
    client_.reset();
  }
  if (has_refused_ && may_send_) hear_out();
  stream_->close();
}

void Connection::deliver() {
  collect();
  send();
}

// The client has a quarter of a second to take what is due to it.
void Connection::begin_to_end() {
  end_ = Stream::Clock::now() + patience_at_end;
  has_read_all_ = true;
}

void Connection::give_up_sending() {
  may_send_ = false;
  backlog_.clear();
  backlog_size_ = 0;
}

bool Connection::may_take_events() const { return backlog_size_ < most_event_backlog; }

bool Connection::may_take_more() const { return backlog_size_ + client_->held() < most_backlog; }

void Connection::receive() {
  const auto count = stream_->read(reader_.room());
  if (!count) has_read_all_ = true;
  else reader_.add(*count);
}

Replies::Sink Connection::sink() {
  ++due_;
  return [outbox = outbox_, home = std::this_thread::get_id()](std::string text) {
    {
      const std::lock_guard lock(outbox->mutex);
      outbox->texts.push_back(std::move(text));
    }
    if (std::this_thread::get_id() != home) outbox->stream->wake();
  };
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
      client_->ask(next.text, sink());
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
  client_->refuse(std::move(error), sink());
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

// What others have made ready.
void Connection::collect() {
  std::deque<std::string> texts;
  {
    const std::lock_guard lock(outbox_->mutex);
    texts.swap(outbox_->texts);
  }
  due_ -= texts.size();
  for (std::string &text : texts) queue(std::move(text));
  events_wait_ = !may_take_events();  // in their own queue, from which the oldest fall out
  if (events_wait_) return;
  for (std::string &event : events_->take()) queue(std::move(event));
}

void Connection::queue(std::string text) {
  if (!may_send_) return;
  backlog_size_ += text.size();
  backlog_.push_back({std::move(text)});
}

void Connection::send() {
  while (!backlog_.empty()) {
    Message &message = backlog_.front();
    const auto header = header_of(message.text.size());
    std::string_view first(header.data(), header.size()), second = message.text;
    first.remove_prefix(std::min(message.sent, first.size()));
    second.remove_prefix(message.sent - (header.size() - first.size()));
    const auto count = stream_->write(first, second);
    if (!count) return give_up_sending();
    message.sent += *count;
    if (*count < first.size() + second.size()) return;
    backlog_size_ -= message.text.size();
    backlog_.pop_front();
  }
}

}  // namespace arranger::server
