// SPDX-License-Identifier: MIT
// The ports of a node: what it reads and what it writes.
#include <algorithm>

#include "graph/compiler.hpp"

namespace arranger {

// The next of the node's: it asks for those of its ports in order.
Compiler::Sources Compiler::take_sources(std::size_t p) {
  std::size_t count = 0;
  const Sources &left = tables_.sources;
  while (count < left.size() && graph_.connections[left[count]].to_port == static_cast<int>(p)) ++count;
  const Sources out = left.first(count);
  tables_.sources = left.subspan(count);
  return out;
}

void Compiler::signal_output(std::size_t index, std::size_t p, float **place) {
  const Port &port = graph_.nodes[index].ports()[p];
  Tables &tables = tables_;
  Output &out = outputs_[first_port_[index] + p];
  out.hint = take<std::uint32_t>();
  tables.hints[p] = out.hint;
  if (port.is_monitor()) {
    Monitor &monitor = graph_.nodes[index].instance->monitors()[tables.value_counts.size()];
    place[0] = monitor.values;
    tables.value_counts.push_back(&monitor.count);
    return;
  }
  tables.output_hints.push_back(out.hint);
  out.channels = place;
  out.channel_count = port.channels();
  for (std::int32_t c = 0; c < out.channel_count; ++c) {
    place[c] = take_buffer();
    tables.output_channels.push_back(place[c]);
  }
}

// A whole port from a whole port is the same buffer; everything else is summed.
void Compiler::audio_input(std::size_t index, std::size_t p, float **place) {
  const Port &port = graph_.nodes[index].ports()[p];
  const Sources sources = take_sources(p);
  const std::int32_t channels = port.channels();
  const auto is_whole = [&](const ResolvedConnection &only) {
    return only.gain == 1 && !only.fade && only.to_channels == channels && only.from_channels == channels;
  };
  if (sources.empty()) {
    std::fill_n(place, channels, zeros_);
    tables_.hints[p] = zero_hint_;
  } else if (sources.size() == 1 && is_whole(graph_.connections[sources[0]]) &&
             ready(sources[0]).channel_count == channels) {
    const Output &from = ready(sources[0]);
    std::copy_n(from.channels, channels, place);
    tables_.hints[p] = from.hint;
  } else {
    sum(index, p, sources, place);
  }
  tables_.audio_input_hints.push_back(tables_.hints[p]);
}

void Compiler::parameter(std::size_t index, std::size_t p, float **place) {
  const ResolvedNode &node = graph_.nodes[index];
  Tables &tables = tables_;
  const Port &port = node.ports()[p];
  const double base = node.base_values[p];
  const Sources sources = take_sources(p);
  ControlCell *cell;
  float **reader = place;
  if (sources.empty()) {
    cell = take<ControlCell>();
    tables.hints[p] = &cell->hint;
  } else {
    ModulationStep *step = modulation(port, sources);
    cell = &step->cell;
    reader = &step->base;
    place[0] = step->out;
    tables.hints[p] = take<std::uint32_t>();
  }
  tables.cell = sources.empty() ? cell : nullptr;
  const std::uint32_t number = plan_->first_parameter_[index] + tables.parameter_count++;
  plan_->parameters_.set(number, port, base, cell, reader);
  if (PendingQueue *queue = queue_for(graph_.alignment.input[index]))
    plan_->late_parameters_[number] = {queue, graph_.alignment.input[index]};
}

// Of a node that does not run: their values go on all the same.
void Compiler::rest_parameters(std::size_t index) {
  const ResolvedNode &node = graph_.nodes[index];
  std::uint32_t number = plan_->first_parameter_[index];
  for (std::size_t p = 0; const Port &port : node.ports()) {
    if (port.is_parameter()) plan_->parameters_.set(number++, port, node.base_values[p], rest_cell_, rest_channel_);
    ++p;
  }
}

ModulationStep *Compiler::modulation(const Port &port, Sources sources) {
  for (const std::uint32_t connection : sources) ready(connection);
  auto *step = add_step<ModulationStep>(run_modulation, nullptr);
  step->min = static_cast<float>(port.min);
  step->max = static_cast<float>(port.max);
  step->out = take_buffer();
  tables_.scratch.push_back(step->out);
  step->terms = take<ModulationTerm>(sources.size());
  step->count = static_cast<std::int32_t>(sources.size());
  std::vector<std::uint32_t> ordered(sources.begin(), sources.end());  // the base first, then what is added to it
  std::ranges::stable_sort(ordered, {}, [this](std::uint32_t c) { return graph_.connections[c].mode; });
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const ResolvedConnection &connection = graph_.connections[ordered[i]];
    step->terms[i] = {ready(ordered[i]).channels[0],           connection.map.min,
                      connection.map.max - connection.map.min, connection.amount,
                      connection.mode == ControlMode::set,     fade(connection.fade, connection.fades_to)};
  }
  return step;
}

arr_event_list *Compiler::event_input(std::size_t index, std::size_t p) {
  auto *input = plan_->steps_arena_.take<Plan::EventInput>();
  input->list.struct_size = sizeof(arr_event_list);
  input->list.stride = sizeof(arr_event);
  input->late = graph_.alignment.input[index];
  input->queue = queue_for(input->late);
  input->number = static_cast<std::uint32_t>(plan_->inputs_.size());
  if (plan_->first_input_[index] < 0) plan_->first_input_[index] = static_cast<std::int32_t>(input->number);
  plan_->inputs_.push_back(input);
  plan_->input_places_.push_back({index, p});
  tables_.event_inputs.push_back(&input->list);

  if (const std::int32_t target = plan_->event_target_of_[index]; target >= 0) {
    auto &inputs = plan_->event_targets_[std::size_t(target)].inputs;
    if (inputs.empty()) inputs.push_back(input);  // the first of several
  }
  std::vector<arr_event_list *> plugins;
  for (const std::uint32_t connection : take_sources(p))
    if (arr_event_list *events = ready(connection).events) plugins.push_back(events);
  cut_notes(index, p, plugins);
  if (plugins.empty()) return &input->list;
  input->is_merged = true;
  input->room = {plan_->cold_arena_.take_raw<arr_event>(input_event_capacity, true), input_event_capacity};
  input->list.events = input->room.storage;
  auto *step = add_step<MergeStep>(run_merge, input->room.storage);
  step->out = &input->list;
  step->storage = input->room.storage;
  step->sources = copy(plugins);
  step->count = static_cast<std::int32_t>(plugins.size());
  step->capacity = input_event_capacity;
  step->lost = plan_->lost_;
  plan_->merged_.push_back(input);
  return &input->list;
}

void Compiler::cut_notes(std::size_t index, std::size_t p, std::vector<arr_event_list *> &sources) {
  for (const CutNotes &cut : graph_.cut_notes) {
    if (std::size_t(cut.to_node) != index || std::size_t(cut.to_port) != p) continue;
    auto *step = add_step<CutStep>(run_cut, nullptr);
    step->storage = plan_->cold_arena_.take_raw<arr_event>(NoteIds::capacity, true);
    step->list.struct_size = sizeof(arr_event_list);
    step->list.stride = sizeof(arr_event);
    step->list.events = step->storage;
    cut_steps_.emplace_back(step, &cut);
    sources.push_back(&step->list);
  }
}

arr_event_list *Compiler::event_output(std::size_t index, std::size_t p) {
  auto *out = take<EventOutput>();
  out->storage = plan_->cold_arena_.take_raw<arr_event>(output_event_capacity, true);
  out->struct_size = sizeof(arr_event_list);
  out->stride = sizeof(arr_event);
  out->events = out->storage;
  out->append = append_event;
  out->lost = plan_->lost_;
  // Where the ids begin depends on the names alone, so they are the same in every plan.
  const std::uint64_t start = hash(*graph_.nodes[index].id, p);
  plan_->note_ids_.push_back({{index, p}, std::make_shared<NoteIds>(start), out});
  out->ids = plan_->note_ids_.back().ids.get();
  outputs_[first_port_[index] + p].events = out;
  tables_.event_outputs.push_back(out);
  return out;
}

}  // namespace arranger
