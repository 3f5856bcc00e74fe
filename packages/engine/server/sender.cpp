// SPDX-License-Identifier: MIT
#include "sender.hpp"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "framing.hpp"

namespace arranger::server {
namespace {

constexpr auto long_request = std::chrono::milliseconds(20);
constexpr std::size_t most_for_others = std::size_t{256}
                                        << 10;  // bytes that somebody sends for a client that is not its own

}  // namespace

std::shared_ptr<Sender> Sender::make(std::shared_ptr<Stream> stream) {
  const std::shared_ptr<Sender> out(new Sender(std::move(stream)));
  out->events_ = std::make_shared<EventQueue>(
      [weak = std::weak_ptr(out)] {
        if (const auto sender = weak.lock()) sender->send_what_waits();
      },
      EventQueue::Wake::each_time);
  return out;
}

void Sender::end() {
  give_up();
  turn_.unlock();
}

Replies::Sink Sender::expect_reply() {
  ++due_;
  return [sender = shared_from_this()](std::string text) {
    {
      const std::lock_guard lock(sender->mutex_);
      sender->replies_.push_back(std::move(text));
    }
    sender->send_what_waits();
  };
}

void Sender::deliver(std::size_t most) {
  collect();
  send(most);
}

void Sender::give_up() {
  may_send_ = false;
  messages_.clear();
  backlog_ = 0;
}

// What others have made ready.
void Sender::collect() {
  std::deque<std::string> replies;
  {
    const std::lock_guard lock(mutex_);
    replies.swap(replies_);
  }
  due_ -= replies.size();
  for (std::string &text : replies) queue(std::move(text));
  events_wait_ = !may_take_events();  // in their own queue, from which the oldest fall out
  if (events_wait_) return;
  for (std::string &event : events_->take()) queue(std::move(event));
}

void Sender::queue(std::string text) {
  if (!may_send_) return;
  backlog_ += text.size();
  messages_.push_back({std::move(text)});
}

void Sender::send(std::size_t most) {
  for (std::size_t sent = 0; !messages_.empty() && sent < most;) {
    Message &message = messages_.front();
    const auto header = header_of(message.text.size());
    std::string_view first(header.data(), header.size()), second = message.text;
    first.remove_prefix(std::min(message.sent, first.size()));
    second.remove_prefix(message.sent - (header.size() - first.size()));
    const auto count = stream_->write(first, second);
    if (!count) return give_up();
    message.sent += *count;
    sent += *count;
    if (*count < first.size() + second.size()) return;
    backlog_ -= message.text.size();
    messages_.pop_front();
  }
}

bool Sender::has_news() {
  const std::lock_guard lock(mutex_);
  return !replies_.empty() || !events_->empty();
}

// Whether more may be sent at once.
bool Sender::try_deliver() {
  std::unique_lock<Mutex> turn;
  if (stream_->may_be_written_by_any()) turn = std::unique_lock(turn_, std::try_to_lock);
  if (!turn) {
    stream_->wake();  // its thread, which would wait else; if somebody else has the turn, that one looks again
    return false;
  }
  if (Stream::Clock::now() - request_began_ < long_request) return false;
  deliver(most_for_others);
  return may_send_ && messages_.empty();
}

// Who brings something while another has the turn leaves it to that one, so each looks again when it has given up the turn.
void Sender::send_what_waits() {
  if (std::this_thread::get_id() == home_) return;
  while (has_news() && try_deliver()) {
  }
}

}  // namespace arranger::server
