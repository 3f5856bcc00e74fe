// SPDX-License-Identifier: MIT
// Who is read by whom, directly or through a delay line.
#include "graph/compiler.hpp"

namespace arranger {
namespace {

constexpr std::uint32_t event_line_capacity = 1u << 12;

}  // namespace

// By node, port and their own order; nobody reads for a node that does not run.
void Compiler::order_sources() {
  first_port_.reserve(graph_.nodes.size() + 1);
  first_source_.reserve(graph_.nodes.size() + 1);
  sources_.reserve(graph_.connections.size());
  std::uint32_t ports = 0;
  const auto to_port = [this](std::uint32_t c) { return graph_.connections[c].to_port; };
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    first_port_.push_back(ports);
    first_source_.push_back(static_cast<std::uint32_t>(sources_.size()));
    ports += static_cast<std::uint32_t>(graph_.nodes[i].ports().size());
    if (!is_heard(static_cast<int>(i))) continue;
    const Sources incoming = incoming_.of(static_cast<int>(i));
    const auto begin = sources_.insert(sources_.end(), incoming.begin(), incoming.end());
    if (!std::ranges::is_sorted(begin, sources_.end(), {}, to_port))
      std::ranges::stable_sort(begin, sources_.end(), {}, to_port);
  }
  first_port_.push_back(ports);
  first_source_.push_back(static_cast<std::uint32_t>(sources_.size()));
  outputs_.resize(ports);
}

void Compiler::connect() {
  std::vector<std::size_t> place(graph_.nodes.size());
  for (std::size_t i = 0; i < graph_.order.size(); ++i) place[std::size_t(graph_.order[i])] = i;
  feeds_.resize(graph_.connections.size());
  for (std::size_t i = 0; i < graph_.connections.size(); ++i) {
    const ResolvedConnection &connection = graph_.connections[i];
    if (!is_heard(connection.to_node)) continue;
    // What is given to a track source waits at its target.
    const bool direct =
        graph_.alignment.delays[i] == 0 || graph_.nodes[std::size_t(connection.from_node)].is_track_source();
    const bool feedback = place[std::size_t(connection.to_node)] <= place[std::size_t(connection.from_node)];
    Output &out = direct ? output(connection) : line_for(connection, graph_.alignment.delays[i], feedback).out;
    add_reader(out, connection.to_node);
    feeds_[i] = &out;
  }
  // What is read after the last step has one reader more, so that no step takes its buffers.
  if (graph_.master >= 0) ++audio_output(graph_.master).readers;
  for (const ResolvedOutput &output : graph_.outputs) ++audio_output(output.node).readers;
  for (const int node : plan_->options_.taps) ++audio_output(node).readers;
}

// Lines have numbers below -1.
void Compiler::add_reader(Output &out, int node) const {
  out.is_shared = out.is_shared || (is_shared() && out.readers > 0 && out.reader != node);
  out.reader = node;
  ++out.readers;
}

// One line for all readers that want the same frames of the same port.
Compiler::Line &Compiler::line_for(const ResolvedConnection &connection, std::int64_t frames, bool feedback) {
  const auto node = std::size_t(connection.from_node), port = std::size_t(connection.from_port);
  Line *&place = lines_by_source_[{node, port, frames, feedback}];
  if (place) return *place;
  Line &line = lines_.emplace_back();
  place = &line;
  line.out.line = &line;
  line.source = &output(connection);
  line.port = &graph_.nodes[node].ports()[port];
  line.frames = frames;
  if (feedback) feedback_[node].push_back(&line);
  else add_reader(*line.source, -2 - static_cast<int>(lines_.size()));
  line.feedback = feedback;
  const Plan::LinePlace source{graph_.nodes[node].instance.get(), port, frames, feedback};
  if (line.port->is_event()) {
    plan_->event_lines_.push_back({source, std::make_shared<PendingQueue>(event_line_capacity), nullptr});
    line.number = plan_->event_lines_.size() - 1;
  } else {
    auto memory = std::make_shared<DelayLine>(line.port->channels(), static_cast<std::int32_t>(frames));
    plan_->lines_.push_back({source, std::move(memory), {}});
    line.number = plan_->lines_.size() - 1;
  }
  return line;
}

// The output that a connection reads, with the step before it that delays it.
Compiler::Output &Compiler::ready(std::uint32_t connection) {
  Output &out = *feeds_[connection];
  if (Line *line = std::exchange(out.line, nullptr)) line->port->is_event() ? emit_event_line(*line) : emit_line(*line);
  return out;
}

DelayStep *Compiler::add_delay_step(void (*run)(Step &, const Slice &), const Line &line) {
  Plan::PlannedLine &planned = plan_->lines_[line.number];
  auto *step = add_step<DelayStep>(run, planned.line.get());
  step->line = planned.line.get();
  planned.steps.push_back(step);
  return step;
}

void Compiler::emit_line(Line &line) {
  auto *step = add_delay_step(line.feedback ? run_feedback_read : run_delay, line);
  const auto channels = static_cast<std::size_t>(line.port->channels());
  step->out = take<float *>(channels);
  line.out.channels = step->out;
  line.out.channel_count = line.port->channels();
  for (std::size_t c = 0; c < channels; ++c) step->out[c] = take_buffer();
  line.out.hint = &step->hint;
  if (line.feedback) return;
  read_source(*step, line);
  drop_reader(*line.source);
}

void Compiler::read_source(DelayStep &step, const Line &line) {
  step.in = take<const float *>(std::size_t(line.source->channel_count));
  std::copy_n(line.source->channels, line.source->channel_count, step.in);
  step.source_hint = line.source->hint;
}

// The node has run: what it put out goes into the lines that close its cycles.
void Compiler::emit_feedback(std::size_t index) {
  const auto found = feedback_.find(index);
  if (found == feedback_.end()) return;
  for (Line *line : found->second) read_source(*add_delay_step(run_feedback_write, *line), *line);
}

void Compiler::emit_event_line(Line &line) {
  Plan::PlannedEventLine &planned = plan_->event_lines_[line.number];
  auto *step = add_step<EventDelayStep>(run_event_delay, nullptr);
  planned.step = step;
  step->queue = planned.queue.get();
  step->source = line.source->events;
  step->storage = plan_->cold_arena_.take_raw<arr_event>(input_event_capacity, true);
  step->list.struct_size = sizeof(arr_event_list);
  step->list.stride = sizeof(arr_event);
  step->list.events = step->storage;
  step->frames = line.frames;
  step->lost = plan_->lost_;
  line.out.events = &step->list;
  --line.source->readers;
}

// Null when nothing is late.
PendingQueue *Compiler::queue_for(std::int64_t late) {
  if (late == 0) return nullptr;
  PendingQueue *&place = queues_[late];
  if (!place) place = plan_->queues_.emplace_back(std::make_unique<PendingQueue>(Plan::queue_capacity)).get();
  return place;
}

}  // namespace arranger
