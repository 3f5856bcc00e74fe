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
             sources.size() == 1 && only.description->gain == 1 && !only.fade && only.to_channels == channels &&
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
  MixStep *step = add_mix(terms);
  hint = &step->hint;
  for (std::size_t c = 0; c < terms.size(); ++c) {
    place[c] = step->channels[c].out = take_buffer();
    scratch.push_back(place[c]);
  }
}

// Its buffers are still to be given.
MixStep *Compiler::add_mix(const std::vector<std::vector<MixTerm>> &terms) {
  const bool fades = std::ranges::any_of(terms, [](const auto &channel) {
    return std::ranges::any_of(channel, [](const MixTerm &term) { return term.fade != nullptr; });
  });
  auto *step = add_step<MixStep>(fades ? run_fading_mix : run_mix, nullptr);
  step->channels = take<MixChannel>(terms.size());
  step->channel_count = static_cast<std::int32_t>(terms.size());
  step->warm = step->channels;
  for (std::size_t c = 0; c < terms.size(); ++c) {
    MixTerm *copy = take<MixTerm>(terms[c].size());
    std::copy(terms[c].begin(), terms[c].end(), copy);
    step->channels[c] = {nullptr, copy, static_cast<std::int32_t>(terms[c].size())};
  }
  return step;
}

// What the plan sets on its way when it takes over; null for null.
const Fade *Compiler::fade(const std::shared_ptr<Fade> &fade, double target) {
  if (fade) plan_->fades_.push_back({fade, target});
  return fade.get();
}

// Mono goes to every channel; several channels into one are averaged.
void Compiler::add_terms(const ResolvedConnection &connection, std::vector<std::vector<MixTerm>> &terms) {
  const Output &out = ready(connection);
  const auto gain = connection.fade ? 1.0f : static_cast<float>(connection.description->gain);
  const Fade *const faded = fade(connection.fade, connection.fades_to);
  const auto from = [&](int channel) { return out.channels[std::size_t(connection.from_channel + channel)]; };
  if (connection.to_channels == 1) {
    for (int c = 0; c < connection.from_channels; ++c)
      terms[std::size_t(connection.to_channel)].push_back(
          {from(c), out.hint, gain / static_cast<float>(connection.from_channels), faded});
    return;
  }
  const bool spread = connection.from_channels == 1;
  const int count = spread ? connection.to_channels : std::min(connection.from_channels, connection.to_channels);
  for (int c = 0; c < count; ++c)
    terms[std::size_t(connection.to_channel + c)].push_back({from(spread ? 0 : c), out.hint, gain, faded});
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
  const std::uint32_t number = first_parameter_[index] + tables.parameter_count++;
  plan_->parameters_.set(number, port, base, cell, reader, frames, plan_->cold_arena_);
  if (PendingQueue *queue = queue_for(graph_.alignment.input[index]))
    plan_->late_parameters_[number] = {queue, graph_.alignment.input[index]};
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
    step->terms[i] = {ready(*ordered[i]).channels[0],
                      map.min,
                      map.max - map.min,
                      description.amount,
                      description.mode == ControlMode::set,
                      fade(ordered[i]->fade, ordered[i]->fades_to)};
  }
  return step;
}

arr_event_list *Compiler::event_input(std::size_t index, std::size_t p, Tables &tables) {
  auto *input = plan_->steps_arena_.take<Plan::EventInput>();
  input->storage = plan_->cold_arena_.take_raw<arr_event>(input_event_capacity, true);
  input->list.struct_size = sizeof(arr_event_list);
  input->list.stride = sizeof(arr_event);
  input->list.events = input->storage;
  input->late = graph_.alignment.input[index];
  input->queue = queue_for(input->late);
  input->number = static_cast<std::uint32_t>(plan_->inputs_.size());
  plan_->inputs_.push_back(input);
  plan_->input_places_.push_back({index, p});
  tables.event_inputs.push_back(&input->list);
  event_inputs_[{index, p}] = input;

  if (!graph_.nodes[index].leaving) {
    auto &inputs = plan_->event_targets_[plan_->event_targets_by_node_.at(plan_->node_ids_[index])].inputs;
    if (inputs.empty()) inputs.push_back(input);  // the first of several
  }
  std::vector<arr_event_list *> plugins;
  for (const ResolvedConnection *connection : inputs_[index][p])
    if (arr_event_list *events = ready(*connection).events) plugins.push_back(events);
  cut_notes(index, p, plugins);
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
