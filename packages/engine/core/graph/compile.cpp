// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/format.hpp"
#include "base/survive.hpp"
#include "graph/compiler.hpp"

namespace arranger {
namespace {

// A path this late is a mistake, and its delay lines would take the memory of the machine.
constexpr std::int64_t greatest_lateness = std::int64_t{1} << 22;

}  // namespace

Compiler::Compiler(ResolvedGraph graph, const PlanOptions &options) : graph_(std::move(graph)), plan_(new Plan) {
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
                format("Expected node '{}' to run at {} Hz but it runs at {} Hz", node.description->id,
                       options.sample_rate, instance.sample_rate()),
                format("/nodes/{}", index));
  if (instance.is_active()) return {};
  const std::uint64_t seed = hash(node.description->id, options.seed);
  auto done = instance.activate(options.sample_rate, options.max_frames, options.offline, seed, node.input_delay);
  std::string_view field;
  if (done && node.description->state && !node.description->state->empty()) {
    field = "/state";
    done = instance.load_state(*node.description->state);
  }
  if (done) return done;
  done.error().path = format("/nodes/{}{}", index, field);
  done.error().message = format("Node '{}': {}", node.description->id, done.error().message);
  return done;
}

}  // namespace

Result<void> prepare(ResolvedGraph &graph, const PlanOptions &options) {
  std::vector<std::int32_t> latencies;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (auto done = activate(graph, i, options); !done) return done;
    latencies.push_back(graph.nodes[i].is_track_source() ? 0 : graph.nodes[i].instance->latency_frames());
  }
  graph.alignment = align(graph, latencies);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.alignment.output[i] > greatest_lateness)
      return fail(Code::plugin_failed,
                  format("Expected at most {} frames of latency up to '{}' but received {}", greatest_lateness,
                         graph.nodes[i].description->id, graph.alignment.output[i]),
                  format("/nodes/{}", i));
  return {};
}

std::unique_ptr<Plan> Compiler::compile() {
  plan_->max_frames_ = plan_->options_.max_frames;
  for (const ResolvedNode &node : graph_.nodes) {
    plan_->node_ids_.push_back(node.description->id);
    if (node.is_track_source()) continue;
    plan_->max_frames_ = std::min(plan_->max_frames_, node.instance->max_frames());
    if (node.input_delay > 0) plan_->max_frames_ = std::min(plan_->max_frames_, node.input_delay);
  }
  plan_->fade_wait_ = graph_.fade_wait;
  plan_->cuts_notes_ = !graph_.cut_notes.empty();
  if (graph_.master >= 0) plan_->latency_frames_ = graph_.alignment.output[std::size_t(graph_.master)];
  plan_->output_latencies_ = graph_.alignment.output;
  looping_.resize(graph_.nodes.size());
  for (const ResolvedConnection &connection : graph_.connections)
    if (connection.cut) looping_[std::size_t(graph_.nodes[std::size_t(connection.to_node)].component)] = 1;
  zeros_ = new_buffer();
  zero_hint_ = plan_->cold_arena_.take<std::uint32_t>();
  *zero_hint_ = ARR_HINT_SILENT | ARR_HINT_CONSTANT | ARR_HINT_UNCONNECTED;
  plan_->steps_by_node_.resize(graph_.nodes.size());
  number_targets();
  connect();
  for (const int node : graph_.order)
    if (!graph_.nodes[std::size_t(node)].is_track_source()) emit_node(std::size_t(node));
  add_track_sources();
  add_output();
  finish();
  return std::move(plan_);
}

// By position, whatever the order of processing: a graph and a crossing to it have the same numbers.
void Compiler::number_targets() {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    const ResolvedNode &node = graph_.nodes[i];
    first_parameter_.push_back(count);
    bool takes_events = node.is_track_source();
    const auto &ports = node.ports();
    for (std::size_t p = 0; p < ports.size(); ++p) {
      takes_events = takes_events || (ports[p].is_event() && ports[p].is_input());
      if (!ports[p].is_parameter()) continue;
      plan_->param_places_.push_back({i, p});
      if (!node.leaving) plan_->params_by_name_.emplace(plan_->node_ids_[i] + '\n' + ports[p].id, count);
      ++count;
    }
    if (node.leaving) continue;
    plan_->positions_.emplace(plan_->node_ids_[i], i);
    if (!takes_events) continue;
    plan_->event_targets_by_node_[plan_->node_ids_[i]] = static_cast<std::uint32_t>(plan_->event_targets_.size());
    plan_->event_targets_.emplace_back();
  }
  plan_->parameters_.resize(count);
  if (std::ranges::any_of(graph_.alignment.input, [](std::int64_t late) { return late > 0; }))
    plan_->late_parameters_.resize(count);
}

Compiler::Output &Compiler::audio_output(int node) {
  const auto &ports = graph_.nodes[std::size_t(node)].ports();
  const auto found =
      std::find_if(ports.begin(), ports.end(), [](auto &port) { return port.is_audio() && port.is_output(); });
  return outputs_[std::size_t(node)][std::size_t(found - ports.begin())];
}

Tap Compiler::tap(int node) {
  const Output &out = audio_output(node);
  return {out.channels.front(), out.channels.size() > 1 ? out.channels[1] : out.channels.front()};
}

void Compiler::emit_node(std::size_t index) {
  const auto &ports = graph_.nodes[index].ports();
  Tables tables{};
  std::size_t channel_count = 0, event_count = 0;
  for (const Port &port : ports) {
    channel_count += std::size_t(port.channels());
    event_count += port.is_event() ? 1 : 0;
  }
  tables.channels = take<float *>(channel_count);
  tables.hints = take<std::uint32_t *>(ports.size());
  tables.events = take<arr_event_list *>(event_count);
  std::size_t channel = 0, event = 0;
  for (std::size_t p = 0; p < ports.size(); ++p) {
    const Port &port = ports[p];
    float **place = tables.channels + channel;
    if (port.is_event())
      tables.events[event++] = port.is_input() ? event_input(index, p, tables) : event_output(index, p, tables);
    else if (port.is_parameter()) parameter(index, p, place, tables);
    else if (port.is_input()) audio_input(index, p, place, tables);
    else signal_output(index, p, place, tables);
    if (port.is_event()) tables.hints[p] = take<std::uint32_t>();
    channel += std::size_t(port.channels());
  }
  emit_plugin(index, tables);
  emit_feedback(index);
  release(tables.scratch);
  release_sources(index);
  for (Output &out : outputs_[index])
    if (out.readers == 0) release(out.channels);
}

void Compiler::emit_plugin(std::size_t index, Tables &tables) {
  const ResolvedNode &node = graph_.nodes[index];
  arr_plugin &plugin = node.instance->plugin();
  auto *step = add_step<PluginStep>(run_plugin, &plugin);
  step->plugin = &plugin;
  step->process = plugin.process;
  step->call.struct_size = sizeof(arr_process);
  step->call.channels = tables.channels;
  step->call.hints = tables.hints;
  step->call.events = tables.events;
  step->node = static_cast<std::int32_t>(index);
  step->buffer_frames = buffer_frames();
  if (node.instance->loss() != Instance::Loss::none)
    step->fault = node.instance->loss() == Instance::Loss::stuck ? Fault::stuck : Fault::crashed;
  // A cycle grows beyond all bounds when its gain is above 1, whatever its plugins keep finite.
  step->check_finite =
      !node.instance->entry().descriptor.preserves_finite || looping_[static_cast<std::size_t>(node.component)] != 0;
  const auto copy = [this](const auto &from, auto *&to, std::int32_t &count) {
    to = take<std::remove_cvref_t<decltype(*to)>>(from.size());
    std::copy(from.begin(), from.end(), to);
    count = static_cast<std::int32_t>(from.size());
  };
  copy(tables.output_channels, step->audio_outputs, step->audio_output_count);
  copy(tables.output_hints, step->output_hints, step->output_hint_count);
  copy(tables.audio_input_hints, step->audio_input_hints, step->audio_input_count);
  copy(tables.event_inputs, step->event_inputs, step->event_input_count);
  copy(tables.event_outputs, step->event_outputs, step->event_output_count);
  if (!tables.value_counts.empty()) {
    std::uint32_t **counts = take<std::uint32_t *>(tables.value_counts.size());
    std::copy(tables.value_counts.begin(), tables.value_counts.end(), counts);
    step->call.value_counts = counts;
  }
  plan_->plugin_steps_.push_back(step);
  plan_->steps_by_node_[index] = step;
}

void Compiler::release_sources(std::size_t index) {
  for (const Sources &sources : inputs_[index])
    for (const ResolvedConnection *connection : sources)
      if (Output &out = feed(*connection); --out.readers == 0) release(out.channels);
}

// A track source is no step: what is scheduled for it goes straight to the inputs it is connected to.
void Compiler::add_track_sources() {
  for (const ResolvedConnection &connection : graph_.connections) {
    const ResolvedNode &source = graph_.nodes[std::size_t(connection.from_node)];
    if (!source.is_track_source()) continue;
    plan_->event_targets_[plan_->event_targets_by_node_.at(source.description->id)].inputs.push_back(
        event_inputs_.at({std::size_t(connection.to_node), std::size_t(connection.to_port)}));
  }
}

void Compiler::add_output() {
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
  for (const int node : plan_->options_.taps) plan_->taps_.push_back(tap(node));
  plan_->dirty_.reserve(event_inputs_.size());
  for (const auto &[step, cut] : cut_steps_) {
    const Plan::Place from{std::size_t(cut->from_node), std::size_t(cut->from_port)};
    step->output = std::ranges::find(plan_->note_ids_, from, &Plan::PlannedNoteIds::place)->output;
  }
  for (ResolvedNode &node : graph_.nodes) {
    plan_->instances_.push_back(std::move(node.instance));
    plan_->renewals_.push_back(std::move(node.renewal));
  }
}

Result<std::unique_ptr<Plan>> Plan::compile(ResolvedGraph graph, const PlanOptions &options) {
  prepare_to_survive();
  if (graph.alignment.output.size() != graph.nodes.size())
    if (auto done = prepare(graph, options); !done) return std::unexpected(done.error());
  return Compiler(std::move(graph), options).compile();
}

}  // namespace arranger
