// SPDX-License-Identifier: MIT
// A slice of a plan, on one thread or on several.
#include <algorithm>
#include <chrono>

#include "base/denormals.hpp"
#include "graph/plan.hpp"
#include "graph/run_steps.hpp"

namespace arranger {

void Plan::lay_out_tasks() {
  tail_ = options_.offline ? TaskGraph::find_tail(steps_, instances_, left_) : steps_.size();
  tasks_ = TaskGraph::make(steps_, instances_, options_.sharing, tail_);
  if (!tasks_ || tail_ == steps_.size()) return;
  std::vector<char> is_tail_node(instances_.size());
  const auto add = [&](std::int32_t node) { is_tail_node[static_cast<std::size_t>(node)] = 1; };
  for (std::size_t i = tail_; i < steps_.size(); ++i) {
    if (steps_[i]->run == run_plugin) add(static_cast<const PluginStep *>(steps_[i])->node);
    if (steps_[i]->run != run_gain) continue;
    const auto &gains = *static_cast<const GainStep *>(steps_[i]);
    for (std::int32_t t = 0; t < gains.count; ++t) add(gains.terms[t].node);
  }
  for (const Place &place : param_places_) is_tail_param_.push_back(is_tail_node[place.node]);
  for (std::size_t i = 0; i < taps_.size(); ++i)
    taps_[i].is_of_tail = is_tail_node[static_cast<std::size_t>(options_.taps[i])] != 0;
}

void Plan::run(const Slice &slice, Executor *executor) {
  if (!queues_.empty()) give_due(slice);
  parameters_.finish(slice.frames);
  const std::uint64_t number = slices_.load(std::memory_order_relaxed);
  slices_.store(number + 1, std::memory_order_relaxed);
  slice_ = slice;
  is_timed_ = !options_.offline && number % 64 == 0;
  if (tasks_ && executor) run_tasks(*executor);
  else run_range(0, steps_.size(), 0, slice_);
  if (is_timed_) measured_frames_ += slice.frames;
  steady_frame_ = slice.steady_frame + slice.frames;
}

// Tasks are measured in some slices only; the first ones read memory that no cache has yet.
void Plan::run_tasks(Executor &executor) {
  const std::size_t count = tasks_->tasks().size();
  is_task_timed_ = slices_.load(std::memory_order_relaxed) % 64 == 8;
  const bool is_shared = tasks_->is_worth_it() && executor.wake();
  if (is_shared) {
    const auto run = [](void *plan, std::uint32_t task, std::uint32_t thread) noexcept {
      static_cast<Plan *>(plan)->run_task(task, thread);
    };
    executor.run({tasks_.get(), run, this});
  } else if (is_task_timed_) {
    for (std::uint32_t task = 0; task < count; ++task) run_task(task, 0);
  } else {
    finish();
    run_range(0, tail_, 0, slice_);
  }
  has_left_tail_ = tail_ < steps_.size();
  if (has_left_tail_) tail_slice_ = slice_;
  threads_.store(is_shared ? executor.threads() : 1, std::memory_order_relaxed);
  if (is_task_timed_) tasks_->choose(executor.threads());
}

// The clock is read in user space: no system call.
void Plan::run_task(std::uint32_t number, std::uint32_t thread) {
  using Clock = std::chrono::steady_clock;
  const Task &task = tasks_->tasks()[number];
  const bool is_of_tail = task.first >= tail_;
  if (is_of_tail && !has_left_tail_) return;
  const Slice &slice = is_of_tail ? tail_slice_ : slice_;
  if (!is_task_timed_) return run_range(task.first, task.end, thread, slice);
  const auto before = Clock::now();
  run_range(task.first, task.end, thread, slice);
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - before);
  tasks_->measured(number, static_cast<std::uint64_t>(took.count()));
}

void Plan::run_range(std::size_t first, std::size_t end, std::size_t thread, const Slice &slice) {
  std::atomic<std::uint32_t> &at = inside_[thread].at;
  at.store(static_cast<std::uint32_t>(first), std::memory_order_relaxed);
  const auto steps = std::span<Step *const>(steps_).first(end);
  Interruption how;
  for (Fault fault; (fault = run_steps(steps, at, slice, is_timed_, how)) != Fault::none;)
    contain(fault, how, slice, at);
  at.store(nobody, std::memory_order_relaxed);
}

void Plan::finish() {
  if (!std::exchange(has_left_tail_, false)) return;
  run_range(tail_, steps_.size(), 0, tail_slice_);
}

bool Plan::tail_moves() const {
  return std::ranges::any_of(parameters_.active(), [this](std::uint32_t param) { return is_tail_param_[param] != 0; });
}

// The next step runs on.
void Plan::contain(Fault fault, const Interruption &how, const Slice &slice, std::atomic<std::uint32_t> &inside) {
  FlushDenormals::again();  // a signal has put the processor's modes back
  const std::uint32_t at = inside.load(std::memory_order_relaxed);
  auto &step = static_cast<PluginStep &>(*steps_[at]);
  Instance &instance = *instances_[static_cast<std::size_t>(step.node)];
  instance.interrupted(how);
  mute_plugin(step, slice, fault);
  inside.store(at + 1, std::memory_order_relaxed);
}

// Null: what runs, if anything, is no plugin. Where several threads are in one, the first: who waits for one that does not
// return is soon in none.
const PluginStep *Plan::step_inside() const {
  for (const Inside &inside : inside_) {
    const std::uint32_t at = inside.at.load(std::memory_order_relaxed);
    if (at < steps_.size() && steps_[at]->run == run_plugin) return static_cast<const PluginStep *>(steps_[at]);
  }
  return nullptr;
}

std::string Plan::inside() const {
  const PluginStep *step = step_inside();
  return step ? *node_ids_[static_cast<std::size_t>(step->node)] : std::string();
}

std::shared_ptr<Instance> Plan::instance_inside() const {
  const PluginStep *step = step_inside();
  return step ? instances_[static_cast<std::size_t>(step->node)] : nullptr;
}

}  // namespace arranger
