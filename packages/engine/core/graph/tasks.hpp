// SPDX-License-Identifier: MIT
// The steps of a plan as tasks that several threads run: each a run of steps that follow each other, with the tasks that it
// waits for. What one thread does in the plan's order, many do in any order that keeps to it, with the same result.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "graph/steps.hpp"
#include "plugin/instance.hpp"

namespace arranger {

struct Task {
  std::uint32_t first, end;  // steps
  std::uint32_t inputs;      // tasks that it waits for
  std::uint32_t first_successor, successor_count;
};

// Whether several threads share the work of a plan. It is laid out for that unless they never do, with some more memory.
enum class Sharing : std::uint8_t {
  never,
  when_it_saves_time,  // as measured
  always               // for tests
};

class TaskGraph {
 public:
  // Null where there is nothing to run at once. `instances`: by a step's node. `tail`: where the steps begin that are run
  // with the next slice's, as their first tasks; the number of steps: none are. [control]
  static std::unique_ptr<TaskGraph> make(std::span<Step *const> steps,
                                         std::span<const std::shared_ptr<Instance>> instances, Sharing sharing,
                                         std::size_t tail);
  // Where the steps behind the last sum begin: each reads what the one before it wrote, and nothing else that changes, and one
  // of them writes the `output`. The number of steps: there are none.
  static std::size_t find_tail(std::span<Step *const> steps, std::span<const std::shared_ptr<Instance>> instances,
                               const float *output);

  std::span<const Task> tasks() const { return tasks_; }
  // Those that wait for nothing.
  std::span<const std::uint32_t> roots() const { return roots_; }
  std::span<const std::uint32_t> successors(const Task &task) const {
    return std::span(successors_).subspan(task.first_successor, task.successor_count);
  }

  // [audio] Whoever begins a task makes it ready for the next slice.
  void begin(std::uint32_t task) { pending_[task].store(tasks_[task].inputs, std::memory_order_relaxed); }
  // [audio] One more input of it is done. Whether that was the last.
  bool arrive(std::uint32_t task) { return pending_[task].fetch_sub(1, std::memory_order_acq_rel) == 1; }

  // [audio] What a task took in a slice that was measured.
  void measured(std::uint32_t task, std::uint64_t nanoseconds);
  // [audio] After such a slice: whether so many threads would save enough. What is chosen changes no sample.
  void choose(std::int32_t threads);
  bool is_worth_it() const { return is_worth_it_; }
  // [audio] As before, until it is measured.
  void follow(const TaskGraph &old) { is_worth_it_ = is_fixed_ || old.is_worth_it_; }

 private:
  TaskGraph() = default;

  std::vector<Task> tasks_;
  std::vector<std::uint32_t> successors_, roots_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> pending_;
  std::vector<double> nanoseconds_;  // of a slice, by task: about the mean of the last measurements
  std::vector<double> begins_;       // by task: when all that it waits for is done, with threads without number
  bool is_worth_it_ = false, is_fixed_ = false;
};

}  // namespace arranger
