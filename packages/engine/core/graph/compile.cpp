// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "base/format.hpp"
#include "base/survive.hpp"
#include "graph/compiler.hpp"

namespace arranger {
namespace {

// A path this late is a mistake, and its delay lines would take the memory of the machine.
constexpr std::int64_t greatest_lateness = std::int64_t{1} << 22;

}  // namespace

Compiler::Compiler(const ResolvedGraph &graph, const PlanOptions &options)
    : graph_(graph), plan_(new Plan), incoming_(graph) {
  plan_->options_ = options;
  plan_->parameters_.sample_rate = options.sample_rate;
  plan_->lost_ = plan_->cold_arena_.take<std::uint64_t>();
}

namespace {

Result<void> activate(ResolvedGraph &graph, std::size_t index, const PlanOptions &options) {
  ResolvedNode &node = graph.nodes[index];
  if (node.is_track_source()) return {};
  Instance &instance = *node.instance;
  if (instance.is_active() && instance.sample_rate() != options.sample_rate)
    return fail(Code::plugin_failed,
                format("Expected node '{}' to run at {} Hz but it runs at {} Hz", *node.id, options.sample_rate,
                       instance.sample_rate()),
                format("/nodes/{}", index));
  if (instance.is_active()) return {};
  const std::uint64_t seed = hash(*node.id, options.seed);
  auto done = instance.activate(options.sample_rate, options.max_frames, options.offline, seed, node.input_delay);
  std::string_view field;
  if (done && node.state && !node.state->empty()) {
    field = "/state";
    done = instance.load_state(*node.state);
  }
  if (done) return done;
  done.error().path = format("/nodes/{}{}", index, field);
  done.error().message = format("Node '{}': {}", *node.id, done.error().message);
  return done;
}

}  // namespace

Result<void> prepare(ResolvedGraph &graph, const PlanOptions &options) {
  std::vector<std::int32_t> latencies;
  latencies.reserve(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (auto done = activate(graph, i, options); !done) return done;
    latencies.push_back(graph.nodes[i].is_track_source() ? 0 : graph.nodes[i].instance->latency_frames());
  }
  graph.alignment = align(graph, latencies);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.alignment.output[i] > greatest_lateness)
      return fail(Code::plugin_failed,
                  format("Expected at most {} frames of latency up to '{}' but received {}", greatest_lateness,
                         *graph.nodes[i].id, graph.alignment.output[i]),
                  format("/nodes/{}", i));
  return {};
}

std::unique_ptr<Plan> Compiler::compile() {
  plan_->max_frames_ = plan_->options_.max_frames;
  plan_->names_ = graph_.names;
  for (const ResolvedNode &node : graph_.nodes) {
    if (node.is_track_source()) continue;
    plan_->max_frames_ = std::min(plan_->max_frames_, node.instance->max_frames());
    if (node.input_delay > 0) plan_->max_frames_ = std::min(plan_->max_frames_, node.input_delay);
  }
  plan_->instances_.reserve(graph_.nodes.size());
  for (const ResolvedNode &node : graph_.nodes) plan_->instances_.push_back(node.instance);
  plan_->fade_wait_ = graph_.fade_wait;
  plan_->cuts_notes_ = !graph_.cut_notes.empty();
  if (graph_.master >= 0) plan_->latency_frames_ = graph_.alignment.output[std::size_t(graph_.master)];
  plan_->output_latencies_ = graph_.alignment.output;
  looping_.resize(graph_.nodes.size());
  for (const ResolvedConnection &connection : graph_.connections)
    if (connection.cut) looping_[std::size_t(graph_.nodes[std::size_t(connection.to_node)].component)] = 1;
  find_heard();
  order_sources();
  free_.resize(is_shared() ? graph_.nodes.size() + 1 : 1);
  zeros_ = new_buffer();
  zero_hint_ = plan_->cold_arena_.take<std::uint32_t>();
  *zero_hint_ = ARR_HINT_SILENT | ARR_HINT_CONSTANT | ARR_HINT_UNCONNECTED;
  plan_->steps_by_node_.resize(graph_.nodes.size());
  rest_cell_ = plan_->cold_arena_.take<ControlCell>();
  rest_channel_ = plan_->cold_arena_.take<float *>();
  number_targets();
  connect();
  find_sums();
  const std::vector<std::size_t> emitted = find_emitted();
  const std::size_t tail = find_tail(emitted);
  for (std::size_t i = 0; i < emitted.size(); ++i) {
    pool_ = !is_shared() ? 0 : i < tail ? emitted[i] : tail_pool();
    if (i < tail) inherit_buffers(emitted[i]);
    emit_node(emitted[i]);
    if (i == tail) free_.back().clear();
    if (i + 1 == tail) end_chain();
  }
  add_track_sources();
  add_output();
  finish();
  return std::move(plan_);
}

// By position, whatever the order of processing: a graph and a crossing to it have the same numbers.
void Compiler::number_targets() {
  std::uint32_t count = 0;
  Plan &plan = *plan_;
  plan.event_target_of_.resize(graph_.nodes.size(), -1);
  plan.first_input_.resize(graph_.nodes.size(), -1);
  plan.node_ids_.reserve(graph_.nodes.size());
  plan.first_parameter_.reserve(graph_.nodes.size() + 1);
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    const ResolvedNode &node = graph_.nodes[i];
    plan.node_ids_.push_back(node.id);
    plan.first_parameter_.push_back(count);
    bool takes_events = node.is_track_source();
    for (std::size_t p = 0; const Port &port : node.ports()) {
      takes_events = takes_events || (port.is_event() && port.is_input());
      if (port.is_parameter()) {
        plan.param_places_.push_back({i, p});
        ++count;
      }
      ++p;
    }
    if (node.leaving) continue;
    plan.addressed_nodes_ = i + 1;
    plan.addressed_params_ = count;
    if (!takes_events) continue;
    plan.event_target_of_[i] = static_cast<std::int32_t>(plan.event_targets_.size());
    plan.event_targets_.emplace_back();
  }
  plan.first_parameter_.push_back(count);
  plan.parameters_.resize(count, plan.max_frames_);
  if (std::ranges::any_of(graph_.alignment.input, [](std::int64_t late) { return late > 0; }))
    plan.late_parameters_.resize(count);
}

namespace {

// Somebody looks at it, or it is there for what it does: it runs although nothing that is heard depends on it.
bool is_watched(const ResolvedNode &node) {
  bool has_outputs = false;
  for (const Port &port : node.ports()) {
    if (port.is_monitor()) return true;
    has_outputs = has_outputs || port.is_output();
  }
  return !has_outputs;
}

}  // namespace

// What reaches none of these never runs.
void Compiler::find_heard() {
  heard_.resize(graph_.nodes.size());
  std::vector<int> visits;
  const auto visit = [&](int node) {
    if (std::exchange(heard_[std::size_t(node)], 1) == 0) visits.push_back(node);
  };
  if (graph_.master >= 0) visit(graph_.master);
  for (const ResolvedOutput &output : graph_.outputs) visit(output.node);
  for (const int node : plan_->options_.taps) visit(node);
  for (const CutNotes &cut : graph_.cut_notes) visit(cut.from_node);
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
    if (is_watched(graph_.nodes[i])) visit(static_cast<int>(i));
  while (!visits.empty()) {
    const int node = visits.back();
    visits.pop_back();
    for (const std::uint32_t connection : incoming_.of(node)) visit(graph_.connections[connection].from_node);
  }
}

Compiler::Output &Compiler::audio_output(int node) {
  const auto &ports = graph_.nodes[std::size_t(node)].ports();
  const auto found =
      std::find_if(ports.begin(), ports.end(), [](auto &port) { return port.is_audio() && port.is_output(); });
  return outputs_[flat(node, static_cast<int>(found - ports.begin()))];
}

Tap Compiler::tap(int node) {
  const Output &out = audio_output(node);
  return {out.channels[0], out.channels[out.channel_count > 1 ? 1 : 0]};
}

void Compiler::Tables::clear() {
  scratch.clear();
  audio_input_hints.clear();
  event_inputs.clear();
  event_outputs.clear();
  output_channels.clear();
  output_hints.clear();
  value_counts.clear();
  parameter_count = 0;
}

// From the nodes that this one reads: who comes first has them.
void Compiler::inherit_buffers(std::size_t node) {
  if (!is_shared()) return;
  for (const std::uint32_t connection : sources_of(node)) {
    std::vector<float *> theirs = std::exchange(free_[std::size_t(graph_.connections[connection].from_node)], {});
    if (pool().empty()) pool() = std::move(theirs);
    else pool().insert(pool().end(), theirs.begin(), theirs.end());
  }
}

// The nodes that run, in their order; of the others the parameters go on.
std::vector<std::size_t> Compiler::find_emitted() {
  std::vector<std::size_t> out;
  out.reserve(graph_.order.size());
  for (const int node : graph_.order) {
    if (graph_.nodes[std::size_t(node)].is_track_source()) continue;
    if (is_heard(node)) out.push_back(std::size_t(node));
    else rest_parameters(std::size_t(node));
  }
  return out;
}

// The place where the nodes behind the last sum begin. Offline they may run beside the next slice's first ones, so they
// share no buffer with them.
std::size_t Compiler::find_tail(const std::vector<std::size_t> &emitted) const {
  std::size_t tail = emitted.size();
  if (!is_shared() || !plan_->options_.offline) return tail;
  for (bool goes_on = true; goes_on && tail > 1;) {
    --tail;
    for (const std::uint32_t connection : sources_of(emitted[tail]))
      goes_on = goes_on && std::size_t(graph_.connections[connection].from_node) == emitted[tail - 1];
  }
  return tail;
}

void Compiler::emit_node(std::size_t index) {
  const auto &ports = graph_.nodes[index].ports();
  std::size_t channel_count = 0, event_count = 0;
  for (const Port &port : ports) {
    channel_count += std::size_t(port.channels());
    event_count += port.is_event() ? 1 : 0;
  }
  Tables &tables = tables_;
  tables.clear();
  tables.channels = take<float *>(channel_count);
  tables.hints = take<std::uint32_t *>(ports.size());
  tables.events = take<arr_event_list *>(event_count);
  tables.sources = sources_of(index);
  std::size_t channel = 0, event = 0;
  for (std::size_t p = 0; p < ports.size(); ++p) {
    const Port &port = ports[p];
    float **place = tables.channels + channel;
    if (port.is_event()) tables.events[event++] = port.is_input() ? event_input(index, p) : event_output(index, p);
    else if (port.is_parameter()) parameter(index, p, place);
    else if (port.is_input()) audio_input(index, p, place);
    else signal_output(index, p, place);
    if (port.is_event()) tables.hints[p] = take<std::uint32_t>();
    channel += std::size_t(port.channels());
  }
  if (is_plain_gain(graph_.nodes[index])) emit_gain(index);
  else emit_plugin(index);
  emit_feedback(index);
  release(tables.scratch);
  release_sources(index);
  for (std::size_t p = first_port_[index]; p < first_port_[index + 1]; ++p)
    if (outputs_[p].readers == 0) release({outputs_[p].channels, std::size_t(outputs_[p].channel_count)});
  add_to_sums(index);
}

void Compiler::emit_plugin(std::size_t index) {
  const ResolvedNode &node = graph_.nodes[index];
  const Tables &tables = tables_;
  arr_plugin &plugin = node.instance->plugin();
  const auto list = [this](const auto &from, auto *&to, std::int32_t &count) {
    to = copy(from);
    count = static_cast<std::int32_t>(from.size());
  };
  PluginStep made{};
  list(tables.output_channels, made.audio_outputs, made.audio_output_count);
  list(tables.output_hints, made.output_hints, made.output_hint_count);
  list(tables.audio_input_hints, made.audio_input_hints, made.audio_input_count);
  list(tables.event_inputs, made.event_inputs, made.event_input_count);
  list(tables.event_outputs, made.event_outputs, made.event_output_count);
  if (!tables.value_counts.empty()) made.call.value_counts = copy(tables.value_counts);
  made.plugin = &plugin;
  made.process = plugin.process;
  made.call.struct_size = sizeof(arr_process);
  made.call.channels = tables.channels;
  made.call.hints = tables.hints;
  made.call.events = tables.events;
  made.node = static_cast<std::int32_t>(index);
  made.buffer_frames = buffer_frames();
  if (node.instance->loss() != Instance::Loss::none)
    made.fault = node.instance->loss() == Instance::Loss::stuck ? Fault::stuck : Fault::crashed;
  // A cycle grows beyond all bounds when its gain is above 1, whatever its plugins keep finite.
  made.check_finite =
      !node.instance->entry().descriptor.preserves_finite || looping_[static_cast<std::size_t>(node.component)] != 0;
  auto *step = add_step<PluginStep>(run_plugin, &plugin);
  made.run = step->run;
  made.warm = step->warm;
  *step = made;
  plan_->plugin_steps_.push_back(step);
  plan_->steps_by_node_[index] = step;
}

void Compiler::release_sources(std::size_t index) {
  for (std::uint32_t i = first_source_[index]; i < first_source_[index + 1]; ++i)
    if (read_[sources_[i]] == 0) drop_reader(*feeds_[sources_[i]]);
}

// A track source is no step: what is scheduled for it goes straight to the inputs it is connected to.
void Compiler::add_track_sources() {
  for (const ResolvedConnection &connection : graph_.connections) {
    const std::int32_t target = plan_->event_target_of_[std::size_t(connection.from_node)];
    if (!graph_.nodes[std::size_t(connection.from_node)].is_track_source() || target < 0) continue;
    const auto node = std::size_t(connection.to_node);
    if (const std::int64_t input = plan_->input_number(node, std::size_t(connection.to_port)); input >= 0)
      plan_->event_targets_[std::size_t(target)].inputs.push_back(plan_->inputs_[std::size_t(input)]);
  }
}

void Compiler::add_output() {
  pool_ = tail_pool();
  plan_->left_ = plan_->right_ = zeros_;
  if (!graph_.outputs.empty()) {
    std::vector<std::vector<MixTerm>> terms(2);
    for (const ResolvedOutput &output : graph_.outputs) {
      const Tap from = tap(output.node);
      const std::uint32_t *hint = audio_output(output.node).hint;
      const Fade *gain = fade(output.fade, output.fades_to);
      terms[0].push_back({from.left, hint, 1, gain});
      terms[1].push_back({from.right, hint, 1, gain});
    }
    MixStep *step = add_mix(terms);
    plan_->left_ = step->channels[0].out = take_buffer();
    plan_->right_ = step->channels[1].out = take_buffer();
  } else if (graph_.master >= 0) {
    const Tap out = tap(graph_.master);
    plan_->left_ = out.left;
    plan_->right_ = out.right;
  }
}

void Compiler::finish() {
  end_chain();
  for (const int node : plan_->options_.taps) plan_->taps_.push_back(tap(node));
  plan_->dirty_.reserve(plan_->inputs_.size());
  plan_->events_.resize(plan_->inputs_.size());
  for (Plan::EventInput *input : plan_->inputs_)
    if (!input->is_merged) input->list.events = plan_->events_.begin();
  for (const auto &[step, cut] : cut_steps_) {
    const Plan::Place from{std::size_t(cut->from_node), std::size_t(cut->from_port)};
    step->output = std::ranges::find(plan_->note_ids_, from, &Plan::PlannedNoteIds::place)->output;
  }
  if (std::ranges::any_of(graph_.nodes, [](auto &node) { return node.renewal != nullptr; }))
    for (const ResolvedNode &node : graph_.nodes) plan_->renewals_.push_back(node.renewal);
  if (is_shared()) plan_->lay_out_tasks();
}

Result<std::unique_ptr<Plan>> Plan::compile(ResolvedGraph graph, const PlanOptions &options) {
  if (graph.alignment.output.size() != graph.nodes.size())
    if (auto done = prepare(graph, options); !done) return std::unexpected(done.error());
  return compile_prepared(graph, options);
}

std::unique_ptr<Plan> Plan::compile_prepared(const ResolvedGraph &graph, const PlanOptions &options) {
  prepare_to_survive();
  return Compiler(graph, options).compile();
}

}  // namespace arranger
