// SPDX-License-Identifier: MIT
#include "control/isolation.hpp"

#include "base/format.hpp"
#include "base/log.hpp"
#include "base/thread.hpp"
#include "control/live_events.hpp"
#include "plugin/isolated_plugin.hpp"

namespace arranger {
namespace {

constexpr auto period = std::chrono::milliseconds(10);
// A plugin that fails loses what it has learned since.
constexpr auto remember_period = std::chrono::seconds(1);
// When something waits for its frame, and edits with it.
constexpr auto busy_pause = std::chrono::milliseconds(100);

}  // namespace

Isolation::~Isolation() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// Without a thread from the system a node that fails stays muted, as it does without us.
void Isolation::wake() {
  if (IsolatedPlugin::count() == 0) return;
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = start_thread([this] { run(); });
}

std::uint64_t Isolation::restarts() const {
  const std::lock_guard lock(mutex_);
  return restarts_;
}

void Isolation::run() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, period, [this] { return stopping_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

void Isolation::look() {
  const std::vector<IsolatedNode> nodes = engine_.isolated_nodes();
  std::vector<IsolatedNode> failed;
  for (const IsolatedNode &node : nodes) {
    const auto failure = node.instance->isolated()->failure();
    if (!failure) continue;
    History &history = histories_[node.node];
    if (history.told.lock() != node.instance) {
      history.told = node.instance;
      history.given_up = !may_restart(history);
      tell(node, *failure);
    }
    if (!history.given_up) failed.push_back(node);
  }
  if (!failed.empty()) {
    for (const IsolatedNode &node : failed)
      if (Clock::now() >= next_try_) restart(node);
  } else if (Clock::now() - remembered_ >= remember_period) remember(nodes);
}

void Isolation::remember(const std::vector<IsolatedNode> &nodes) {
  for (const IsolatedNode &node : nodes) node.instance->isolated()->remember();
  engine_.collect();
  remembered_ = Clock::now();
}

bool Isolation::may_restart(History &history) const {
  while (!history.restarts.empty() && Clock::now() - history.restarts.front() > restart_window)
    history.restarts.pop_front();
  return history.restarts.size() < most_restarts;
}

void Isolation::tell(const IsolatedNode &node, const Error &failure) {
  node.instance->isolated()->give_up();
  const bool is_late = failure.code == Code::plugin_timeout;
  const std::string what = histories_[node.node].given_up
                               ? format("is muted until reset_node, after {} restarts in a minute", most_restarts)
                               : std::string("is started anew");
  const std::string message = format("The node '{}' {}: {}", node.node, what, failure.message);
  arranger::tell(events_, "plugin_fault",
                 FaultEvent{node.node, node.plugin, is_late ? Fault::late : Fault::crashed, "process", {}, message});
  log(LogLevel::error, node.plugin, message);
}

// The same as any rebuild: what has failed gets a new instance, with its parameters and its state, and fades in. Each by
// itself, so that one that cannot be made keeps no other from playing again.
void Isolation::restart(const IsolatedNode &node) {
  Result<void> done;
  {
    const std::lock_guard turn(engine_.turn());
    Edit edit(engine_, Edit::Pace::slow);
    auto change = edit.renew_nodes({node.node});
    done = change ? edit.commit() : std::unexpected(std::move(change.error()));
  }
  engine_.collect();
  History &history = histories_[node.node];
  if (!done && done.error().code == Code::busy) {
    next_try_ = Clock::now() + busy_pause;
    return;
  }
  history.restarts.push_back(Clock::now());
  history.given_up = !done;
  if (!done)
    return log(LogLevel::error, node.plugin,
               format("The node '{}' could not be started anew: {}", node.node, done.error().message));
  {
    const std::lock_guard lock(mutex_);
    ++restarts_;
  }
  arranger::tell(events_, "plugin_restarted",
                 RestartedEvent{node.node, node.plugin, std::int64_t(history.restarts.size())});
  log(LogLevel::warning, node.plugin, format("The node '{}' plays again, in a new process", node.node));
}

}  // namespace arranger
