// SPDX-License-Identifier: MIT
#include "graph/plan.hpp"

#include <algorithm>
#include <chrono>

#include "base/prefetch.hpp"

namespace arranger {

std::int64_t Plan::event_target(std::string_view node) const {
  const auto found = event_targets_by_node_.find(std::string(node));
  return found == event_targets_by_node_.end() ? -1 : static_cast<std::int64_t>(found->second);
}

std::int64_t Plan::param_target(std::string_view node, std::string_view param) const {
  const auto found = params_by_name_.find(std::string(node) + '\n' + std::string(param));
  return found == params_by_name_.end() ? -1 : static_cast<std::int64_t>(found->second);
}

TargetMap Plan::map_to(const Plan &other) const {
  TargetMap out{std::vector<std::int64_t>(event_targets_.size(), -1), {}};
  for (const auto &[node, target] : event_targets_by_node_) out.events[target] = other.event_target(node);
  out.params.resize(params_by_name_.size(), -1);
  for (const auto &[name, number] : params_by_name_)
    if (const auto there = other.params_by_name_.find(name); there != other.params_by_name_.end())
      out.params[number] = static_cast<std::int64_t>(there->second);
  return out;
}

void Plan::begin(const Slice &slice) {
  for (EventInput *input : dirty_) input->list.count = 0;
  dirty_.clear();
  for (EventInput *input : merged_) input->list.count = 0;
  steady_frame_ = slice.steady_frame;
  parameters_.begin(slice.steady_frame);
}

void Plan::give(EventInput &input, const arr_event &event) {
  arr_event_list &list = input.list;
  if (list.count == input_event_capacity) {
    ++*lost_;
    return;
  }
  if (list.count == 0) dirty_.push_back(&input);
  std::uint32_t at = list.count++;  // what was adopted may come between
  for (; at > 0 && input.storage[at - 1].frame > event.frame; --at) input.storage[at] = input.storage[at - 1];
  input.storage[at] = event;
}

void Plan::deliver(std::uint32_t event_target, const arr_event &event) {
  for (EventInput *input : event_targets_[event_target].inputs) {
    if (!input->queue) {
      give(*input, event);
      continue;
    }
    const std::int64_t due = steady_frame_ + event.frame + input->late;
    if (!input->queue->push({due, event, input->number, Pending::Kind::event})) ++*lost_;
  }
}

void Plan::change(std::uint32_t param, std::int32_t frame, double value, std::int64_t ramp_frames, bool explicit_ramp) {
  if (late_parameters_.empty() || !late_parameters_[param].queue)
    return parameters_.change(param, frame, value, ramp_frames, explicit_ramp);
  const LateParameter &parameter = late_parameters_[param];
  Pending pending{};
  pending.due = steady_frame_ + frame + parameter.late;
  pending.event.value = value;
  pending.event.data = static_cast<std::uint64_t>(ramp_frames);
  pending.target = param;
  pending.kind = explicit_ramp ? Pending::Kind::ramp : Pending::Kind::smoothed_change;
  if (!parameter.queue->push(pending)) ++*lost_;
}

// In order of frame over all queues, as their receivers expect.
void Plan::give_due(const Slice &slice) {
  const std::int64_t end = slice.steady_frame + slice.frames;
  for (;;) {
    PendingQueue *next = nullptr;
    for (const auto &queue : queues_) {
      if (queue->empty() || queue->front().due >= (next ? next->front().due : end)) continue;
      next = queue.get();
    }
    if (!next) return;
    const Pending &pending = next->front();
    const auto frame = static_cast<std::int32_t>(std::max<std::int64_t>(pending.due - slice.steady_frame, 0));
    if (pending.kind == Pending::Kind::event) {
      arr_event event = pending.event;
      event.frame = frame;
      give(*inputs_[pending.target], event);
    } else {
      parameters_.change(pending.target, frame, pending.event.value, static_cast<std::int64_t>(pending.event.data),
                         pending.kind == Pending::Kind::ramp);
    }
    next->pop();
  }
}

void Plan::run(const Slice &slice) {
  if (!queues_.empty()) give_due(slice);
  parameters_.finish(slice.frames);
  Step *const *const steps = steps_.data();
  const std::size_t count = steps_.size();
  if (!options_.offline && slices_++ % 64 == 0) return run_measured(slice);
  for (std::size_t i = 0; i < count; ++i) {
    if (i + 4 < count) prefetch(steps[i + 4]->warm);
    inside_.store(steps[i], std::memory_order_relaxed);
    steps[i]->run(*steps[i], slice);
  }
  steady_frame_ = slice.steady_frame + slice.frames;
}

// The clock is read in user space: no system call.
void Plan::run_measured(const Slice &slice) {
  using Clock = std::chrono::steady_clock;
  auto before = Clock::now();
  for (Step *step : steps_) {
    inside_.store(step, std::memory_order_relaxed);
    step->run(*step, slice);
    const auto now = Clock::now();
    if (step->run == run_plugin)
      static_cast<PluginStep *>(step)->nanoseconds +=
          static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now - before).count());
    before = now;
  }
  measured_frames_ += slice.frames;
  steady_frame_ = slice.steady_frame + slice.frames;
}

std::string Plan::inside() const {
  const Step *step = inside_.load(std::memory_order_relaxed);
  if (!step || step->run != run_plugin) return {};
  return node_ids_[static_cast<std::size_t>(static_cast<const PluginStep *>(step)->node)];
}

double Plan::share(std::size_t position) const {
  const PluginStep *step = steps_by_node_[position];
  if (!step || measured_frames_ == 0) return 0;
  return static_cast<double>(step->nanoseconds) * 1e-9 * options_.sample_rate / static_cast<double>(measured_frames_);
}

std::uint64_t Plan::fault_count() const {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(plugin_steps_, [](auto *step) { return step->fault != Fault::none; }));
}

MonitorValues Plan::monitor_values() const {
  MonitorValues out;
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    if (!instances_[i]) continue;
    for (const Port &port : instances_[i]->ports()) {
      const Monitor *shown = port.is_monitor() ? monitor(node_ids_[i], port.id) : nullptr;
      if (!shown) continue;
      const std::uint32_t count = port.value_count > 1 ? std::min(shown->count, shown->capacity) : 1;
      out[{node_ids_[i], port.id}].assign(shown->values, shown->values + count);
    }
  }
  return out;
}

void Plan::reset_instances() {
  for (const auto &instance : instances_)
    if (instance) instance->reset();
  for (PluginStep *step : plugin_steps_) {
    step->asleep = false;
    step->fault = Fault::none;
  }
  for (PlannedLine &line : lines_) line.line->clear();
  for (PlannedEventLine &line : event_lines_) line.queue->clear();
  for (PlannedNoteIds &output : note_ids_) output.ids->clear();
  for (const auto &queue : queues_) queue->clear();
  parameters_.reset();
}

void Plan::reset_node(std::size_t position) {
  if (!steps_by_node_[position]) return;
  instances_[position]->reset();
  for (PlannedNoteIds &output : note_ids_)
    if (output.place.node == position) output.ids->abandon();
  steps_by_node_[position]->asleep = false;
  steps_by_node_[position]->fault = Fault::none;
}

bool Plan::all_asleep() const {
  return std::ranges::all_of(plugin_steps_, [](auto *step) { return step->asleep || step->fault != Fault::none; }) &&
         std::ranges::all_of(lines_, [](auto &line) { return line.line->silent(); }) &&
         std::ranges::all_of(event_lines_, [](auto &line) { return line.queue->empty(); }) &&
         std::ranges::all_of(queues_, [](auto &queue) { return queue->empty(); });
}

Fault Plan::fault(std::size_t position) const {
  return steps_by_node_[position] ? steps_by_node_[position]->fault : Fault::none;
}

std::uint32_t Plan::failures(std::size_t position) const {
  return steps_by_node_[position] ? steps_by_node_[position]->failures : 0;
}

std::int64_t Plan::position(std::string_view node) const {
  const auto found = positions_.find(node);
  return found == positions_.end() ? -1 : static_cast<std::int64_t>(found->second);
}

std::int64_t Plan::latency_of(std::string_view node) const {
  const auto found = positions_.find(node);
  return found == positions_.end() ? -1 : output_latencies_[found->second];
}

std::shared_ptr<Instance> Plan::instance(std::string_view node) const {
  const auto found = positions_.find(node);
  return found == positions_.end() ? nullptr : instances_[found->second];
}

const Monitor *Plan::monitor(std::string_view node, std::string_view port) const {
  const auto found = instance(node);
  return found ? found->monitor(port) : nullptr;
}

std::vector<NodeFault> Plan::faults() const {
  std::vector<NodeFault> out;
  for (const PluginStep *step : plugin_steps_)
    if (step->fault != Fault::none) out.push_back({node_ids_[static_cast<std::size_t>(step->node)], step->fault});
  return out;
}

std::vector<std::string> Plan::block_dependent_nodes() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < instances_.size(); ++i)
    if (instances_[i] && instances_[i]->entry().descriptor.block_tolerance > 0) out.push_back(node_ids_[i]);
  return out;
}

}  // namespace arranger
