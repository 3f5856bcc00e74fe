// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/format.hpp"
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

Result<std::unique_ptr<Plan>> Compiler::compile() {
  plan_->max_frames_ = plan_->options_.max_frames;
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (auto done = activate(i); !done) return std::unexpected(done.error());
    plan_->node_ids_.push_back(graph_.nodes[i].description->id);
  }
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) plan_->positions_.emplace(plan_->node_ids_[i], i);
  if (auto done = align_nodes(); !done) return std::unexpected(done.error());
  looping_.resize(graph_.nodes.size());
  for (const ResolvedConnection &connection : graph_.connections)
    if (connection.cut) looping_[std::size_t(graph_.nodes[std::size_t(connection.to_node)].component)] = 1;
  zeros_ = new_buffer();
  zero_hint_ = plan_->cold_arena_.take<std::uint32_t>();
  *zero_hint_ = ARR_HINT_SILENT | ARR_HINT_CONSTANT | ARR_HINT_UNCONNECTED;
  plan_->steps_by_node_.resize(graph_.nodes.size());
  connect();
  for (const int node : graph_.order)
    if (!graph_.nodes[std::size_t(node)].is_track_source()) emit_node(std::size_t(node));
  add_track_sources();
  finish();
  return std::move(plan_);
}

Result<void> Compiler::align_nodes() {
  std::vector<std::int32_t> latencies;
  for (const ResolvedNode &node : graph_.nodes)
    latencies.push_back(node.is_track_source() ? 0 : node.instance->latency_frames());
  alignment_ = align(graph_, latencies);
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
    if (alignment_.output[i] > greatest_lateness)
      return fail(Code::plugin_failed,
                  format("Expected at most {} frames of latency up to '{}' but received {}", greatest_lateness,
                         plan_->node_ids_[i], alignment_.output[i]),
                  format("/nodes/{}", i));
  if (graph_.master >= 0) plan_->latency_frames_ = alignment_.output[std::size_t(graph_.master)];
  plan_->output_latencies_ = alignment_.output;
  return {};
}

Result<void> Compiler::activate(std::size_t index) {
  ResolvedNode &node = graph_.nodes[index];
  if (node.is_track_source()) return {};
  Instance &instance = *node.instance;
  const PlanOptions &options = plan_->options_;
  if (instance.is_active() && instance.sample_rate() != options.sample_rate)
    return fail(Code::plugin_failed,
                format("Expected node '{}' to run at {} Hz but it runs at {} Hz", node.description->id,
                       options.sample_rate, instance.sample_rate()),
                format("/nodes/{}", index));
  if (!instance.is_active()) {
    const std::uint64_t seed = hash(node.description->id, options.seed);
    auto done = instance.activate(options.sample_rate, options.max_frames, options.offline, seed, node.input_delay);
    if (!done) {
      done.error().path = format("/nodes/{}", index);
      done.error().message = format("Node '{}': {}", node.description->id, done.error().message);
      return done;
    }
  }
  plan_->max_frames_ = std::min(plan_->max_frames_, instance.max_frames());
  if (node.input_delay > 0) plan_->max_frames_ = std::min(plan_->max_frames_, node.input_delay);
  return {};
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
  for (const ResolvedNode &node : graph_.nodes) {
    if (!node.is_track_source()) continue;
    plan_->event_targets_by_node_[node.description->id] = static_cast<std::uint32_t>(plan_->event_targets_.size());
    plan_->event_targets_.emplace_back();
  }
  for (const ResolvedConnection &connection : graph_.connections) {
    const ResolvedNode &source = graph_.nodes[std::size_t(connection.from_node)];
    if (!source.is_track_source()) continue;
    plan_->event_targets_[plan_->event_targets_by_node_.at(source.description->id)].inputs.push_back(
        event_inputs_.at({std::size_t(connection.to_node), std::size_t(connection.to_port)}));
  }
}

void Compiler::finish() {
  plan_->left_ = plan_->right_ = zeros_;
  if (graph_.master >= 0) {
    const Tap out = tap(graph_.master);
    plan_->left_ = out.left;
    plan_->right_ = out.right;
  }
  for (const int node : plan_->options_.taps) plan_->taps_.push_back(tap(node));
  plan_->parameters_.reserve();
  if (!plan_->late_parameters_.empty()) plan_->late_parameters_.resize(plan_->parameters_.size());
  plan_->dirty_.reserve(event_inputs_.size());
  for (ResolvedNode &node : graph_.nodes) plan_->instances_.push_back(std::move(node.instance));
}

Result<std::unique_ptr<Plan>> Plan::compile(ResolvedGraph graph, const PlanOptions &options) {
  return Compiler(std::move(graph), options).compile();
}

}  // namespace arranger
