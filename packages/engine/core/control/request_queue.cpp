// SPDX-License-Identifier: MIT
#include "control/request_queue.hpp"

#include "control/handler_state.hpp"

namespace arranger {

void RequestQueue::finish() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RequestQueue::add(std::shared_ptr<ClientState> client, std::uint64_t place, std::string request,
                       std::vector<Attachment> attachments) {
  {
    const std::lock_guard lock(mutex_);
    if (!thread_.joinable()) thread_ = start_thread([this] { run(); });
    if (thread_.joinable()) {
      waiting_.push_back({std::move(client), place, std::move(request), std::move(attachments)});
      changed_.notify_one();
      return;
    }
  }
  client->replies.give(place, refusal(no_thread()).text());
}

void RequestQueue::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Pending next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    if (!next.client->has_gone) handler_.serve(next.client, next.place, next.request, next.attachments);
    lock.lock();
  }
}

}  // namespace arranger
