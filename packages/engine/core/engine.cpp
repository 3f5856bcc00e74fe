// SPDX-License-Identifier: MIT
#include "engine.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/format.hpp"
#include "base/json_pointer.hpp"
#include "base/nearest.hpp"
#include "graph/plan.hpp"

namespace arranger {
namespace {

// The values that decide what an instance is: type and config values. Numbers in params may be either; only those that a
// config parameter names count.
std::vector<std::pair<std::string, ParamValue>> identity(const Node &node, const std::vector<ConfigParam> &configs) {
  std::vector<std::pair<std::string, ParamValue>> out{{"", std::string(plugin_id_of(node.type))}};
  for (const auto &[key, value] : node.params)
    if (std::any_of(configs.begin(), configs.end(), [&](auto &config) { return config.id == key; }))
      out.emplace_back(key, value);
  std::sort(out.begin(), out.end());
  return out;
}

using ParamEntry = std::pair<std::string, ParamValue>;

void assign(Node &node, const std::string &key, ParamValue value) {
  const auto found =
      std::find_if(node.params.begin(), node.params.end(), [&](auto &param) { return param.first == key; });
  if (found == node.params.end()) node.params.emplace_back(key, std::move(value));
  else found->second = std::move(value);
}

}  // namespace

std::vector<Engine::NodeInfo> Engine::describe(const ResolvedGraph &resolved) {
  std::vector<NodeInfo> out;
  for (const ResolvedNode &node : resolved.nodes) {
    if (node.is_track_source()) out.push_back({track_source_type, node.ports(), {}});
    else
      out.push_back(
          {node.instance->entry().descriptor.id, node.ports(), node.instance->entry().descriptor.config_params});
  }
  return out;
}

void Engine::publish(Graph graph, std::vector<NodeInfo> info) {
  info_ = std::move(info);
  auto shared = std::make_shared<const Graph>(std::move(graph));
  const std::lock_guard lock(mutex_);
  if (shared->bpm) bpm_ = *shared->bpm;
  graph_ = std::move(shared);
}

Result<void> Engine::try_files(const Graph &graph, ResolvedGraph &resolved) const {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    ResolvedNode &node = resolved.nodes[i];
    if (node.is_track_source()) continue;
    const auto &configs = node.instance->entry().descriptor.config_params;
    const auto file = std::ranges::find(configs, ARR_CONFIG_TYPE_FILEPATH, &ConfigParam::type);
    if (file == configs.end() || std::ranges::find(node.params, file->id, &ParamEntry::first) == node.params.end())
      continue;
    const auto old = std::ranges::find(graph_->nodes, graph.nodes[i].id, &Node::id);
    if (old != graph_->nodes.end() && identity(*old, configs) == identity(graph.nodes[i], configs)) continue;
    if (auto done = node.instance->activate(config_.sample_rate, default_slice_frames, true, 0); !done) {
      done.error().path = format("/nodes/{}/params/{}", i, pointer_token(file->id));
      return done;
    }
  }
  return {};
}

Result<GraphChange> Engine::set_graph(Graph graph) {
  auto resolved = resolve(graph);
  if (!resolved) return std::unexpected(resolved.error());
  if (auto done = try_files(graph, *resolved); !done) return std::unexpected(done.error());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) graph.nodes[i].params = std::move(resolved->nodes[i].params);
  std::vector<NodeInfo> info = describe(*resolved);

  GraphChange change;
  change.warnings = std::move(resolved->warnings);
  std::unordered_map<std::string_view, std::size_t> before;
  for (std::size_t i = 0; i < graph_->nodes.size(); ++i) before.emplace(graph_->nodes[i].id, i);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node &node = graph.nodes[i];
    const auto old = before.find(node.id);
    if (old == before.end()) {
      change.added.push_back(node.id);
      continue;
    }
    const bool same =
        identity(node, info[i].config_params) == identity(graph_->nodes[old->second], info_[old->second].config_params);
    (same ? change.kept : change.rebuilt).push_back(node.id);
    before.erase(old);
  }
  for (const Node &node : graph_->nodes)
    if (before.contains(node.id)) change.removed.push_back(node.id);
  publish(std::move(graph), std::move(info));
  return change;
}

Graph Engine::graph() const {
  const std::lock_guard lock(mutex_);
  Graph out = *graph_;
  out.bpm = bpm_;
  return out;
}

Result<std::size_t> Engine::find_node(std::string_view id, std::string_view path) const {
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < graph_->nodes.size(); ++i) {
    if (graph_->nodes[i].id == id) return i;
    known.push_back(graph_->nodes[i].id);
  }
  return fail(Code::unknown_node, format("No node '{}'{}", id, nearest_hint(id, known)), std::string(path));
}

Result<void> Engine::set_param(std::string_view node, std::string_view param, double value) {
  const auto index = find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  const NodeInfo &info = info_[*index];
  const int position = find_parameter(info.ports, param);
  if (position < 0) {
    std::vector<std::string> known;
    for (const Port &port : info.ports)
      if (port.is_parameter()) known.push_back(port.id);
    return fail(Code::unknown_param,
                format("{} has no parameter '{}'{}", info.plugin_id, param, nearest_hint(param, known)), "/param_id");
  }
  const Port &port = info.ports[static_cast<std::size_t>(position)];
  if (!(value >= port.min && value <= port.max))
    return fail(Code::out_of_range,
                format("Expected {} between {} and {} but received {}", port.id, port.min, port.max, value), "/value");
  Graph graph = *graph_;
  graph.bpm.reset();
  assign(graph.nodes[*index], port.id, value);
  publish(std::move(graph), info_);
  return {};
}

Result<std::vector<Warning>> Engine::set_node_config(std::string_view node,
                                                     const std::vector<std::pair<std::string, ParamValue>> &config) {
  const auto index = find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  const NodeInfo &info = info_[*index];
  Graph graph = *graph_;
  graph.bpm.reset();
  for (const auto &[key, value] : config) {
    std::vector<std::string> known;
    for (const Port &port : info.ports)
      if (port.is_parameter()) known.push_back(port.id);
    for (const ConfigParam &param : info.config_params) known.push_back(param.id);
    if (std::find(known.begin(), known.end(), key) == known.end())
      return fail(Code::unknown_param,
                  format("{} has no parameter '{}'{}", info.plugin_id, key, nearest_hint(key, known)),
                  "/config/" + pointer_token(key));
    const int position = find_parameter(info.ports, key);
    if (position >= 0 && std::holds_alternative<std::string>(value))
      return fail(Code::type_mismatch, format("Expected {} to be a number but received a string", key),
                  "/config/" + pointer_token(key));
    assign(graph.nodes[*index], key, value);
  }
  auto resolved = resolve(graph);
  if (!resolved) {
    resolved.error().path = "/config";
    return std::unexpected(resolved.error());
  }
  if (resolved->nodes[*index].ports() != info.ports)
    return fail(Code::needs_set_graph,
                format("Expected the ports of '{}' to stay but this changes them; send set_graph", node), "/config");
  if (auto done = try_files(graph, *resolved); !done) {
    done.error().path = "/config";
    return std::unexpected(done.error());
  }
  // Of what was forgiven, only what this request brought.
  std::vector<Warning> warnings;
  for (Warning &warning : resolved->warnings)
    for (const auto &[key, value] : config)
      if (warning.path == format("/nodes/{}/params/{}", *index, pointer_token(key)))
        warnings.push_back({warning.code, "/config/" + pointer_token(key), warning.message});
  graph.nodes[*index].params = std::move(resolved->nodes[*index].params);
  std::vector<NodeInfo> described = describe(*resolved);
  publish(std::move(graph), std::move(described));
  return warnings;
}

Result<std::string> Engine::load_soundfont(std::string_view node, const std::string &path) {
  std::string id(node);
  for (std::size_t i = 0; id.empty() && i < info_.size(); ++i)
    for (const ConfigParam &param : info_[i].config_params)
      if (param.id == "sf2_path") id = graph_->nodes[i].id;
  if (id.empty())
    return fail(Code::unknown_node, "Expected a node that takes a SoundFont but the graph has none", "/node_id");
  auto done = set_node_config(id, {{"sf2_path", path}});
  if (!done) {
    const bool is_node = done.error().code == Code::unknown_node || done.error().code == Code::unknown_param;
    return fail(done.error().code, std::move(done.error().message), is_node ? "/node_id" : "/path");
  }
  return id;
}

Result<GraphChange> Engine::unload_node(std::string_view node) {
  const auto index = find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  Graph graph = *graph_;
  graph.bpm.reset();
  graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(*index));
  std::erase_if(graph.connections,
                [&](auto &connection) { return connection.from_node == node || connection.to_node == node; });
  auto change = set_graph(std::move(graph));
  if (!change) change.error().path = "/node_id";
  return change;
}

// What an event will come to, now that it is known which nodes there are.
void Engine::warn_of_event(const Schedule &schedule, std::size_t index, std::vector<Warning> &warnings) const {
  const ScheduledEvent &event = schedule.events[index];
  const std::string &id = schedule.nodes[std::size_t(event.node)];
  const auto node = std::ranges::find(graph_->nodes, id, &Node::id);
  const auto warn = [&](std::string_view code, std::string_view field, std::string message) {
    warnings.push_back({std::string(code), format("/events/{}/{}", index, field), std::move(message)});
  };
  if (node == graph_->nodes.end())
    return warn("unknown_node", "node_id", format("No node '{}' yet; its events wait for it", id));
  const NodeInfo &info = info_[static_cast<std::size_t>(node - graph_->nodes.begin())];
  if (event.param >= 0) {
    const std::string &param = schedule.params[std::size_t(event.param)];
    if (find_parameter(info.ports, param) < 0)
      warn("unknown_param", "param_id",
           format("{} has no parameter '{}'; the event does nothing", info.plugin_id, param));
    return;
  }
  const bool is_source = node->type == track_source_type;
  const bool takes_events =
      std::ranges::any_of(info.ports, [](auto &port) { return port.is_event() && port.is_input(); });
  if (!is_source && !takes_events)
    warn("type_mismatch", "node_id", format("'{}' takes no events; this one does nothing", id));
  else if (event.kind == EventKind::control && !is_source)
    warn("type_mismatch", "type", format("'{}' may not know control events; name a param_id to move a parameter", id));
}

ScheduleChange Engine::set_schedule(Schedule schedule) {
  ScheduleChange change;
  change.events = static_cast<std::int64_t>(schedule.events.size());
  std::unordered_set<std::uint64_t> told;  // each node and parameter once
  for (std::size_t i = 0; i < schedule.events.size(); ++i) {
    const ScheduledEvent &event = schedule.events[i];
    const bool is_control = event.kind == EventKind::control;
    const auto key = std::uint64_t(std::uint32_t(event.node)) << 32 | std::uint64_t(is_control) << 31 |
                     std::uint32_t(event.param + 1);
    if (event.node >= 0 && told.insert(key).second) warn_of_event(schedule, i, change.warnings);
  }
  auto shared = std::make_shared<const Schedule>(std::move(schedule));
  const std::lock_guard lock(mutex_);
  schedule_ = std::move(shared);
  return change;
}

void Engine::set_bpm(double bpm) {
  const std::lock_guard lock(mutex_);
  bpm_ = bpm;
}

RenderSource Engine::snapshot() const {
  const std::lock_guard lock(mutex_);
  return {graph_, schedule_, bpm_, config_.block_size};
}

}  // namespace arranger
