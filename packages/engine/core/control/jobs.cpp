// SPDX-License-Identifier: MIT
#include "control/jobs.hpp"

#include <algorithm>

namespace arranger {
namespace {

constexpr std::size_t most_job_threads = 64;

std::size_t processors() {
  static const std::size_t count = std::max(2u, Thread::hardware_concurrency());
  return count;
}

}  // namespace

void Jobs::finish() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (Thread &thread : threads_) thread.join();
}

void Jobs::add(Job job) {
  std::unique_lock lock(mutex_);
  const bool is_needed = idle_ <= waiting_.size() && may_start(job.client.get());
  waiting_.push_back(std::move(job));
  if (!has_threads) return;
  if (is_needed && threads_.size() < most_job_threads)
    if (Thread thread = start_thread([this] { run(); }); thread.joinable()) {
      threads_.push_back(std::move(thread));
      ++idle_;
    }
  if (threads_.empty()) {
    const Job refused = std::move(waiting_.back());
    waiting_.pop_back();
    lock.unlock();
    Answer busy = refusal(no_thread());
    busy.id = refused.answer.id;
    return refused.client->replies.give(refused.place, busy.text());
  }
  changed_.notify_all();
}

bool Jobs::may_start(const ClientState *client) const {
  return running_ < processors() || !running_of_.contains(client);
}

// The oldest of whoever has the fewest running.
Jobs::Waiting::iterator Jobs::next() {
  const auto found = std::ranges::min_element(waiting_, {}, [this](const Job &job) {
    const auto running = running_of_.find(job.client.get());
    return running == running_of_.end() ? 0 : running->second;
  });
  return found == waiting_.end() || may_start(found->client.get()) || ending_ ? found : waiting_.end();
}

void Jobs::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return next() != waiting_.end() || (ending_ && waiting_.empty()); });
    if (waiting_.empty()) return;
    --idle_;
    run(next(), lock);
    ++idle_;
    changed_.notify_all();
  }
}

void Jobs::run(Waiting::iterator place, std::unique_lock<Mutex> &lock) {
  Job job = std::move(*place);
  waiting_.erase(place);
  const ClientState *const client = job.client.get();
  ++running_of_[client];
  ++running_;
  lock.unlock();
  const bool is_wanted = !job.client->has_gone;
  std::string text = is_wanted ? job.answer.text() : std::string();
  // What the answer holds belongs to the client, and whoever the reply wakes looks whether it is gone.
  job.answer = {};
  if (is_wanted) job.client->replies.give(job.place, std::move(text));
  job.client.reset();
  lock.lock();
  if (--running_of_[client] == 0) running_of_.erase(client);
  --running_;
}

bool Jobs::run_one() {
  std::unique_lock lock(mutex_);
  const auto place = next();
  if (place == waiting_.end()) return false;
  run(place, lock);
  return true;
}

}  // namespace arranger
