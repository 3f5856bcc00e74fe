// SPDX-License-Identifier: MIT
// The ports of a node: what it reads and what it writes.
#include <algorithm>

#include "graph/compiler.hpp"

namespace arranger {

void Compiler::signal_output(std::size_t index, std::size_t p, float **place, Tables &tables) {
  const Port &port = graph_.nodes[index].ports()[p];
  Output &out = outputs_[index][p];
  out.hint = take<std::uint32_t>();
  tables.hints[p] = out.hint;
  if (port.is_monitor()) {
    Monitor &monitor = graph_.nodes[index].instance->monitors()[tables.value_counts.size()];
    place[0] = monitor.values;
    tables.value_counts.push_back(&monitor.count);
    return;
  }
  tables.output_hints.push_back(out.hint);
  for (std::int32_t c = 0; c < port.channels(); ++c) {
    out.channels.push_back(take_buffer());
    place[c] = out.channels.back();
    tables.output_channels.push_back(place[c]);
  }
}

// A whole port from a whole port is the same buffer; everything else is mixed.
void Compiler::audio_input(std::size_t index, std::size_t p, float **place, Tables &tables) {
  const Port &port = graph_.nodes[index].ports()[p];
  const Sources &sources = inputs_[index][p];
  const std::int32_t channels = port.channels();
  if (sources.empty()) {
    std::fill_n(place, channels, zeros_);
    tables.hints[p] = zero_hint_;
  } else if (const ResolvedConnection &only = *sources.front();
             sources.size() == 1 && only.description->gain == 1 && only.to_channels == channels &&
             only.from_channels == channels && ready(only).channels.size() == std::size_t(channels)) {
    std::copy(ready(only).channels.begin(), ready(only).channels.end(), place);
    tables.hints[p] = ready(only).hint;
  } else {
    mix(sources, channels, place, tables.hints[p], tables.scratch);
  }
  tables.audio_input_hints.push_back(tables.hints[p]);
}

void Compiler::mix(const Sources &sources, std::int32_t channels, float **place, std::uint32_t *&hint,
                   std::vector<float *> &scratch) {
  std::vector<std::vector<MixTerm>> terms(static_cast<std::size_t>(channels));
  for (const ResolvedConnection *connection : sources) add_terms(*connection, terms);
  auto *step = add_step<MixStep>(run_mix, nullptr);
  step->channels = take<MixChannel>(terms.size());
  step->channel_count = channels;
  hint = &step->hint;
  for (std::size_t c = 0; c < terms.size(); ++c) {
    place[c] = take_buffer();
    scratch.push_back(place[c]);
    MixTerm *copy = take<MixTerm>(terms[c].size());
    std::copy(terms[c].begin(), terms[c].end(), copy);
    step->channels[c] = {place[c], copy, static_cast<std::int32_t>(terms[c].size())};
  }
  step->warm = step->channels;
}

// Mono goes to every channel; several channels into one are averaged.
void Compiler::add_terms(const ResolvedConnection &connection, std::vector<std::vector<MixTerm>> &terms) {
  const Output &out = ready(connection);
  const auto gain = static_cast<float>(connection.description->gain);
  const auto from = [&](int channel) { return out.channels[std::size_t(connection.from_channel + channel)]; };
  if (connection.to_channels == 1) {
    for (int c = 0; c < connection.from_channels; ++c)
      terms[std::size_t(connection.to_channel)].push_back(
          {from(c), out.hint, gain / static_cast<float>(connection.from_channels)});
    return;
  }
  const bool spread = connection.from_channels == 1;
  const int count = spread ? connection.to_channels : std::min(connection.from_channels, connection.to_channels);
  for (int c = 0; c < count; ++c)
    terms[std::size_t(connection.to_channel + c)].push_back({from(spread ? 0 : c), out.hint, gain});
}

void Compiler::parameter(std::size_t index, std::size_t p, float **place, Tables &tables) {
  const ResolvedNode &node = graph_.nodes[index];
  const Port &port = node.ports()[p];
  const double base = node.base_values[p];
  const Sources &sources = inputs_[index][p];
  const std::int32_t frames = plan_->max_frames_;
  ControlCell *cell;
  float **reader = place;
  if (sources.empty()) {
    cell = take<ControlCell>();
    tables.hints[p] = &cell->hint;
  } else {
    ModulationStep *step = modulation(port, sources, tables);
    cell = &step->cell;
    reader = &step->base;
    place[0] = step->out;
    tables.hints[p] = take<std::uint32_t>();
  }
  const std::uint32_t number = plan_->parameters_.add(port, base, cell, reader, frames, plan_->cold_arena_);
  plan_->param_places_.push_back({index, p});
  if (PendingQueue *queue = queue_for(alignment_.input[index])) {
    plan_->late_parameters_.resize(number + 1);
    plan_->late_parameters_[number] = {queue, alignment_.input[index]};
  }
  plan_->params_by_name_.emplace(node.description->id + '\n' + port.id, number);
}

ModulationStep *Compiler::modulation(const Port &port, const Sources &sources, Tables &tables) {
  for (const ResolvedConnection *connection : sources) ready(*connection);
  auto *step = add_step<ModulationStep>(run_modulation, nullptr);
  step->min = static_cast<float>(port.min);
  step->max = static_cast<float>(port.max);
  step->out = take_buffer();
  tables.scratch.push_back(step->out);
  step->terms = take<ModulationTerm>(sources.size());
  step->count = static_cast<std::int32_t>(sources.size());
  Sources ordered = sources;  // the base first, then what is added to it
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](auto *a, auto *b) { return a->description->mode < b->description->mode; });
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const Connection &description = *ordered[i]->description;
    const ControlMap map = description.map.value_or(ControlMap{0, 1});
    step->terms[i] = {ready(*ordered[i]).channels[0], map.min, map.max - map.min, description.amount,
                      description.mode == ControlMode::set};
  }
  return step;
}

arr_event_list *Compiler::event_input(std::size_t index, std::size_t p, Tables &tables) {
  auto *input = plan_->steps_arena_.take<Plan::EventInput>();
  input->storage = plan_->cold_arena_.take_raw<arr_event>(input_event_capacity, true);
  input->list.struct_size = sizeof(arr_event_list);
  input->list.stride = sizeof(arr_event);
  input->list.events = input->storage;
  input->late = alignment_.input[index];
  input->queue = queue_for(input->late);
  input->number = static_cast<std::uint32_t>(plan_->inputs_.size());
  plan_->inputs_.push_back(input);
  plan_->input_places_.push_back({index, p});
  tables.event_inputs.push_back(&input->list);
  event_inputs_[{index, p}] = input;

  const std::string &id = graph_.nodes[index].description->id;
  const auto target = static_cast<std::uint32_t>(plan_->event_targets_.size());
  if (plan_->event_targets_by_node_.try_emplace(id, target).second) plan_->event_targets_.push_back({{input}});

  std::vector<arr_event_list *> plugins;
  for (const ResolvedConnection *connection : inputs_[index][p])
    if (arr_event_list *events = ready(*connection).events) plugins.push_back(events);
  if (plugins.empty()) return &input->list;
  auto *step = add_step<MergeStep>(run_merge, input->storage);
  step->out = &input->list;
  step->storage = input->storage;
  step->sources = take<arr_event_list *>(plugins.size());
  std::copy(plugins.begin(), plugins.end(), step->sources);
  step->count = static_cast<std::int32_t>(plugins.size());
  step->capacity = input_event_capacity;
  step->lost = plan_->lost_;
  plan_->merged_.push_back(input);
  return &input->list;
}

arr_event_list *Compiler::event_output(std::size_t index, std::size_t p, Tables &tables) {
  auto *out = take<EventOutput>();
  out->storage = plan_->cold_arena_.take_raw<arr_event>(output_event_capacity, true);
  out->struct_size = sizeof(arr_event_list);
  out->stride = sizeof(arr_event);
  out->events = out->storage;
  out->append = append_event;
  out->lost = plan_->lost_;
  // Where the ids begin depends on the names alone, so they are the same in every plan.
  const std::uint64_t start = hash(graph_.nodes[index].description->id, p);
  plan_->note_ids_.push_back({{index, p}, std::make_shared<NoteIds>(start), out});
  out->ids = plan_->note_ids_.back().ids.get();
  outputs_[index][p].events = out;
  tables.event_outputs.push_back(out);
  return out;
}

}  // namespace arranger
