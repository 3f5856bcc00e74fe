// SPDX-License-Identifier: MIT
#include "graph/executor.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "base/denormals.hpp"
#include "base/pause.hpp"
#include "base/priority.hpp"
#include "base/shared_signal.hpp"
#include "base/survive.hpp"
#include "base/task_queue.hpp"
#include "base/thread.hpp"

namespace arranger {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_seq_cst;

constexpr std::int32_t most_automatic = 8;
// How long a worker without a task looks for one in a block, and the caller for what workers have begun, before they sleep.
constexpr auto worker_patience = 200us, caller_patience = 20us;
constexpr auto longest_sleep = 1ms;  // in case a wake was missed

std::int32_t processors() { return std::max(1, static_cast<std::int32_t>(Thread::hardware_concurrency())); }

// Of the processor, what no render uses. Below 0 where more render than it has threads.
std::atomic<std::int32_t> &free_processors() {
  static std::atomic<std::int32_t> count = processors();
  return count;
}

std::int32_t take_processors(std::int32_t most) {
  std::atomic<std::int32_t> &free = free_processors();
  std::int32_t now = free.load(memory_order_relaxed), taken;
  do taken = std::clamp(now, 0, most);
  while (taken > 0 && !free.compare_exchange_weak(now, now - taken, memory_order_relaxed));
  return taken;
}

// Looks at the clock now and then only.
class Patience {
 public:
  explicit Patience(Clock::duration limit) : limit_(limit) {}
  bool is_over() {
    if (++looks_ % 32 != 0) return pause_processor(), false;
    const auto now = Clock::now();
    if (looks_ == 32) began_ = now;
    return now - began_ > limit_;
  }
  void renew() { looks_ = 0; }

 private:
  Clock::duration limit_;
  Clock::time_point began_{};
  std::uint32_t looks_ = 0;
};

}  // namespace

std::int32_t threads_for(std::int32_t wanted) {
  return wanted == 0 ? std::min(processors(), most_automatic) : std::clamp(wanted, 1, most_threads);
}

struct Executor::Crew {
  static constexpr std::uint32_t parked = 0, awake = 1;
  struct alignas(64) Worker {
    std::atomic<std::uint32_t> word = parked;
    SignalEvent event;
    SharedSignal signal{word, event.handle()};
    Thread thread;
  };

  void live(Worker &worker, std::uint32_t number);
  void serve(std::uint32_t number) noexcept ARRANGER_NONBLOCKING;
  void run_from(std::uint32_t task, std::uint32_t thread) noexcept ARRANGER_NONBLOCKING;
  bool wait_for_workers(Patience &patience, std::uint32_t &task) noexcept ARRANGER_NONBLOCKING;
  void tell_caller();
  void follow_caller();
  void wake_parked(std::int32_t count);

  Use use = Use::live;
  Work work;  // published by what is put into the queue, and valid until nothing remains of it
  TaskQueue queue;
  alignas(64) std::atomic<std::uint32_t> remaining = 0;
  alignas(64) std::atomic<bool> is_block = false, is_over = false;
  std::atomic<std::uint32_t> caller = awake;
  SignalEvent caller_event;
  SharedSignal caller_signal{caller, caller_event.handle()};
  std::thread::id caller_thread;  // whose priority it is
  std::atomic<Priority> priority{Priority{}};
  std::vector<std::unique_ptr<Worker>> workers;
};

void Executor::Crew::live(Worker &worker, std::uint32_t number) {
  SignalStack stack;
  stack.use();
  const FlushDenormals guard;
  if (use == Use::live) ask_for_priority();
  Priority known = priority.load(memory_order_acquire);
  for (;;) {
    worker.word.store(parked, memory_order_seq_cst);
    if (is_over.load(memory_order_seq_cst)) return;
    worker.signal.wait(parked, Clock::time_point::max(), 0ns);
    if (const Priority now = priority.load(memory_order_acquire); now != known) {
      take_priority(now);
      known = now;
    }
    serve(number);
  }
}

void Executor::Crew::serve(std::uint32_t number) noexcept ARRANGER_NONBLOCKING {
  Patience patience(worker_patience);
  while (is_block.load(memory_order_relaxed) && !patience.is_over()) {
    std::uint32_t task = 0;
    if (!queue.pop(task)) continue;
    const RealTimeScope scope;
    run_from(task, number);
    patience.renew();
  }
}

// Who does the last that a task waits for runs it next.
void Executor::Crew::run_from(std::uint32_t task, std::uint32_t thread) noexcept ARRANGER_NONBLOCKING {
  constexpr std::uint32_t none = UINT32_MAX;
  while (task != none) {
    TaskGraph &graph = *work.graph;
    graph.begin(task);
    work.run(work.owner, task, thread);
    std::uint32_t next = none;
    bool has_more = false;
    for (const std::uint32_t after : graph.successors(graph.tasks()[task])) {
      if (!graph.arrive(after)) continue;
      if (next == none) next = after;
      else has_more = queue.push(after);  // never full: it has room for all tasks
    }
    const bool is_last =
        remaining.fetch_sub(1, memory_order_seq_cst) == 1;  // from here on the graph may be gone, if so
    if (is_last || has_more) tell_caller();
    task = next;
  }
}

// Either this sees that the caller sleeps, or the caller sees what was done before: both look behind a fence.
void Executor::Crew::tell_caller() {
  std::atomic_thread_fence(memory_order_seq_cst);
  if (caller.load(memory_order_relaxed) == parked) caller_signal.set(awake);
}

// Spinning for long would keep a worker from running where both have one processor. True: there is a task after all.
bool Executor::Crew::wait_for_workers(Patience &patience, std::uint32_t &task) noexcept ARRANGER_NONBLOCKING {
  if (!patience.is_over()) return false;
  caller.store(parked, memory_order_relaxed);
  std::atomic_thread_fence(memory_order_seq_cst);
  const bool found = queue.pop(task);
  if (!found && remaining.load(memory_order_acquire) != 0)
    caller_signal.wait(parked, Clock::now() + longest_sleep, 0ns);
  caller.store(awake, memory_order_relaxed);
  return found;
}

// Another device is another thread, and may be more urgent.
void Executor::Crew::follow_caller() {
  if (caller_thread == std::this_thread::get_id()) return;
  caller_thread = std::this_thread::get_id();
  const RealTimeException named;
  priority.store(priority_of_thread(), std::memory_order_release);
}

void Executor::Crew::wake_parked(std::int32_t count) {
  for (std::int32_t i = 0; i < count; ++i) {
    Worker &worker = *workers[static_cast<std::size_t>(i)];
    if (worker.word.load(memory_order_relaxed) == parked) worker.signal.set(awake);
  }
}

Executor::Executor(std::int32_t threads, Use use) : crew_(new Crew) {
  crew_->use = use;
  const std::int32_t wanted = threads_for(threads);
  for (std::int32_t i = 1; i < wanted; ++i) {
    auto worker = std::make_unique<Crew::Worker>();
    Crew::Worker &its = *worker;
    its.thread = start_thread([crew = crew_.get(), &its, i] { crew->live(its, static_cast<std::uint32_t>(i)); });
    if (!its.thread.joinable()) break;
    crew_->workers.push_back(std::move(worker));
  }
  threads_ = 1 + static_cast<std::int32_t>(crew_->workers.size());
}

// Nobody is inside of a task now.
Executor::~Executor() {
  rest();
  crew_->is_over.store(true, memory_order_seq_cst);
  for (const auto &worker : crew_->workers) worker->signal.set(Crew::awake);
  for (const auto &worker : crew_->workers) worker->thread.join();
}

bool Executor::wake() {
  if (helpers_ > 0) return true;
  const std::int32_t most = threads_ - 1;
  helpers_ = crew_->use == Use::live ? most : take_processors(most);
  if (helpers_ == 0) return false;
  if (crew_->use == Use::live) crew_->follow_caller();
  crew_->is_block.store(true, memory_order_relaxed);
  crew_->wake_parked(helpers_);
  return true;
}

void Executor::run(const Work &work) noexcept ARRANGER_NONBLOCKING {
  Crew &crew = *crew_;
  const auto roots = work.graph->roots();
  crew.work = work;
  crew.remaining.store(static_cast<std::uint32_t>(work.graph->tasks().size()), memory_order_relaxed);
  for (const std::uint32_t root : roots.subspan(1)) crew.queue.push(root);
  // A block of a render is long: who found nothing to do in one of its slices has given up.
  if (crew.use == Use::offline) crew.wake_parked(helpers_);
  crew.run_from(roots.front(), 0);
  Patience patience(caller_patience);
  while (crew.remaining.load(memory_order_acquire) != 0) {
    std::uint32_t task = 0;
    if (!crew.queue.pop(task) && !crew.wait_for_workers(patience, task)) continue;
    crew.run_from(task, 0);
    patience.renew();
  }
}

void Executor::rest() {
  if (helpers_ == 0) return;
  crew_->is_block.store(false, memory_order_relaxed);
  if (crew_->use == Use::offline) free_processors().fetch_add(helpers_, memory_order_relaxed);
  helpers_ = 0;
}

BusyProcessor::BusyProcessor() { free_processors().fetch_sub(1, memory_order_relaxed); }
BusyProcessor::~BusyProcessor() { free_processors().fetch_add(1, memory_order_relaxed); }

}  // namespace arranger
