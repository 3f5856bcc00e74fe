// SPDX-License-Identifier: MIT
#include "graph/plan.hpp"

#include <algorithm>

namespace arranger {

std::int64_t Plan::event_target(std::string_view node) const {
  const std::int64_t place = position(node);
  return place < 0 ? -1 : event_target_of_[static_cast<std::size_t>(place)];
}

std::int64_t Plan::param_target(std::string_view node, std::string_view param) const {
  const std::int64_t place = position(node);
  if (place < 0 || !instances_[static_cast<std::size_t>(place)]) return -1;
  const int port = find_parameter(instances_[static_cast<std::size_t>(place)]->ports(), param);
  return port < 0 ? -1 : param_number(static_cast<std::size_t>(place), static_cast<std::size_t>(port));
}

// The number of a parameter of this plan, and of an event input; -1: it has none.
std::int64_t Plan::param_number(std::size_t node, std::size_t port) const {
  std::int64_t number = first_parameter_[node];
  for (std::size_t p = 0; p < port; ++p) number += instances_[node]->ports()[p].is_parameter();
  return number;
}

std::int64_t Plan::input_number(std::size_t node, std::size_t port) const {
  std::int64_t number = first_input_[node];
  if (number < 0) return -1;
  for (std::size_t p = 0; p < port; ++p) {
    const Port &before = instances_[node]->ports()[p];
    number += before.is_event() && before.is_input();
  }
  return number;
}

void Plan::map_node(std::size_t node, std::size_t there, const Plan &other, TargetMap &out) const {
  if (const std::int32_t target = event_target_of_[node]; target >= 0)
    out.events[static_cast<std::size_t>(target)] = other.event_target_of_[there];
  if (!instances_[node] || !other.instances_[there]) return;
  const auto &ports = instances_[node]->ports(), &ports_there = other.instances_[there]->ports();
  std::uint32_t number = first_parameter_[node], number_there = other.first_parameter_[there];
  for (std::size_t p = 0; number < first_parameter_[node + 1]; ++p) {
    if (!ports[p].is_parameter()) continue;
    if (&ports == &ports_there) {
      out.params[number++] = number_there++;
      continue;
    }
    const int port = find_parameter(ports_there, ports[p].id);
    out.params[number++] = port < 0 ? -1 : other.param_number(there, static_cast<std::size_t>(port));
  }
}

TargetMap Plan::map_to(const Plan &other) const {
  TargetMap out{std::vector<std::int64_t>(event_targets_.size(), -1), std::vector<std::int64_t>(addressed_params_, -1)};
  for (std::size_t i = 0; i < addressed_nodes_; ++i) {
    const bool is_there = i < other.addressed_nodes_ && *other.node_ids_[i] == *node_ids_[i];
    const std::int64_t there = is_there ? static_cast<std::int64_t>(i) : other.position(*node_ids_[i]);
    if (there >= 0) map_node(i, static_cast<std::size_t>(there), other, out);
  }
  return out;
}

void Plan::begin(const Slice &slice) {
  for (EventInput *input : dirty_) {
    input->list.count = 0;
    if (!input->is_merged) input->room = {};
  }
  dirty_.clear();
  events_.clear();
  for (EventInput *input : merged_) input->list.count = 0;
  steady_frame_ = slice.steady_frame;
  parameters_.begin(slice.steady_frame);
}

void Plan::give(EventInput &input, const arr_event &event) {
  arr_event_list &list = input.list;
  if (list.count == input.room.capacity && (input.is_merged || !events_.grow(input.room, list.count))) {
    ++*lost_;
    return;
  }
  list.events = input.room.storage;
  if (list.count == 0) dirty_.push_back(&input);
  std::uint32_t at = list.count++;  // what was adopted may come between
  arr_event *const storage = input.room.storage;
  for (; at > 0 && storage[at - 1].frame > event.frame; --at) storage[at] = storage[at - 1];
  storage[at] = event;
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
    return change_now(param, frame, value, ramp_frames, explicit_ramp);
  const LateParameter &parameter = late_parameters_[param];
  Pending pending{};
  pending.due = steady_frame_ + frame + parameter.late;
  pending.event.value = value;
  pending.event.data = static_cast<std::uint64_t>(ramp_frames);
  pending.target = param;
  pending.kind = explicit_ramp ? Pending::Kind::ramp : Pending::Kind::smoothed_change;
  if (!parameter.queue->push(pending)) ++*lost_;
}

// A step that has been left still reads what held for its slice.
void Plan::change_now(std::uint32_t param, std::int32_t frame, double value, std::int64_t ramp_frames,
                      bool explicit_ramp) {
  if (has_left_tail_ && is_tail_param_[param]) finish();
  parameters_.change(param, frame, value, ramp_frames, explicit_ramp);
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
      change_now(pending.target, frame, pending.event.value, static_cast<std::int64_t>(pending.event.data),
                 pending.kind == Pending::Kind::ramp);
    }
    next->pop();
  }
}

double Plan::share(std::size_t position) const {
  double nanoseconds = 0;
  if (const PluginStep *step = steps_by_node_[position]) nanoseconds = static_cast<double>(step->nanoseconds);
  else if (const GainStep *gains = gains_by_node_.empty() ? nullptr : gains_by_node_[position])
    nanoseconds = static_cast<double>(gains->nanoseconds) / gains->count;
  if (nanoseconds == 0) return 0;
  return nanoseconds * 1e-9 * options_.sample_rate / static_cast<double>(measured_frames_);
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
      const Monitor *shown = port.is_monitor() ? monitor(*node_ids_[i], port.id) : nullptr;
      if (!shown) continue;
      const std::uint32_t count = port.value_count > 1 ? std::min(shown->count, shown->capacity) : 1;
      out[{*node_ids_[i], port.id}].assign(shown->values, shown->values + count);
    }
  }
  return out;
}

void Plan::forgive(PluginStep &step) const {
  step.asleep = false;
  if (instances_[static_cast<std::size_t>(step.node)]->loss() == Instance::Loss::none) step.fault = Fault::none;
}

void Plan::reset_instances() {
  for (const auto &instance : instances_)
    if (instance) instance->reset();
  for (PluginStep *step : plugin_steps_) forgive(*step);
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
  forgive(*steps_by_node_[position]);
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

const Interruption &Plan::interruption(std::size_t position) const {
  static const Interruption none;
  return instances_[position] ? instances_[position]->interruption() : none;
}

std::uint32_t Plan::failure(std::size_t position) const {
  return steps_by_node_[position] ? steps_by_node_[position]->failure : 0;
}

std::int64_t Plan::position(std::string_view node) const {
  return names_->find(node, [this](std::size_t i) -> std::string_view { return *node_ids_[i]; });
}

std::int64_t Plan::latency_of(std::string_view node) const {
  const std::int64_t place = position(node);
  return place < 0 ? -1 : output_latencies_[static_cast<std::size_t>(place)];
}

std::shared_ptr<Instance> Plan::instance(std::string_view node) const {
  const std::int64_t place = position(node);
  return place < 0 ? nullptr : instances_[static_cast<std::size_t>(place)];
}

const Monitor *Plan::monitor(std::string_view node, std::string_view port) const {
  const auto found = instance(node);
  return found ? found->monitor(port) : nullptr;
}

std::vector<NodeFault> Plan::faults() const {
  std::vector<NodeFault> out;
  for (const PluginStep *step : plugin_steps_)
    if (const auto node = static_cast<std::size_t>(step->node); step->fault != Fault::none)
      out.push_back({*node_ids_[node], step->fault, instances_[node]->interruption()});
  return out;
}

std::vector<std::string> Plan::block_dependent_nodes() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < instances_.size(); ++i)
    if (instances_[i] && instances_[i]->entry().descriptor.block_tolerance > 0) out.push_back(*node_ids_[i]);
  return out;
}

}  // namespace arranger
