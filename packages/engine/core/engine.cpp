// SPDX-License-Identifier: MIT
#include "engine.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/format.hpp"
#include "base/json_pointer.hpp"
#include "base/nearest.hpp"

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

void assign(Node &node, const std::string &key, ParamValue value) {
  const auto found = std::find_if(node.params.begin(), node.params.end(), [&](auto &param) { return param.first == key; });
  if (found == node.params.end()) node.params.emplace_back(key, std::move(value));
  else found->second = std::move(value);
}

}  // namespace

std::vector<Engine::NodeInfo> Engine::describe(const ResolvedGraph &resolved) {
  std::vector<NodeInfo> out;
  for (const ResolvedNode &node : resolved.nodes) {
    if (node.is_track_source()) out.push_back({track_source_type, node.ports(), {}});
    else out.push_back({node.instance->entry().descriptor.id, node.ports(), node.instance->entry().descriptor.config_params});
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

Result<GraphChange> Engine::set_graph(Graph graph) {
  auto resolved = resolve(graph);
  if (!resolved) return std::unexpected(resolved.error());
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
    const bool same = identity(node, info[i].config_params) ==
                      identity(graph_->nodes[old->second], info_[old->second].config_params);
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
                  format("{} has no parameter '{}'{}", info.plugin_id, key, nearest_hint(key, known)), "/config/" + pointer_token(key));
    const int position = find_parameter(info.ports, key);
    if (position >= 0 && std::holds_alternative<std::string>(value))
      return fail(Code::type_mismatch, format("Expected {} to be a number but received a string", key), "/config/" + pointer_token(key));
    assign(graph.nodes[*index], key, value);
  }
  auto resolved = resolve(graph);
  if (!resolved) {
    resolved.error().path = "/config";
    return std::unexpected(resolved.error());
  }
  if (resolved->nodes[*index].ports() != info.ports)
    return fail(Code::needs_set_graph, format("Expected the ports of '{}' to stay but this changes them; send set_graph", node),
                "/config");
  std::vector<NodeInfo> described = describe(*resolved);
  std::vector<Warning> warnings = std::move(resolved->warnings);
  publish(std::move(graph), std::move(described));
  return warnings;
}

Result<std::string> Engine::load_soundfont(std::string_view node, const std::string &path) {
  std::string id(node);
  for (std::size_t i = 0; id.empty() && i < info_.size(); ++i)
    for (const ConfigParam &param : info_[i].config_params)
      if (param.id == "sf2_path") id = graph_->nodes[i].id;
  if (id.empty()) return fail(Code::unknown_node, "Expected a node that takes a SoundFont but the graph has none", "/node_id");
  auto done = set_node_config(id, {{"sf2_path", path}});
  if (!done) {
    if (done.error().code == Code::io_error) done.error().path = "/path";
    return std::unexpected(done.error());
  }
  return id;
}

Result<GraphChange> Engine::unload_node(std::string_view node) {
  const auto index = find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  Graph graph = *graph_;
  graph.bpm.reset();
  graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(*index));
  std::erase_if(graph.connections, [&](auto &connection) { return connection.from_node == node || connection.to_node == node; });
  auto change = set_graph(std::move(graph));
  if (!change) change.error().path = "/node_id";
  return change;
}

ScheduleChange Engine::set_schedule(Schedule schedule) {
  ScheduleChange change;
  change.events = static_cast<std::int64_t>(schedule.events.size());
  std::unordered_set<std::string_view> known;
  for (const Node &node : graph_->nodes) known.insert(node.id);
  std::vector<bool> told(schedule.nodes.size());
  for (std::size_t i = 0; i < schedule.events.size(); ++i) {
    const auto node = schedule.events[i].node;
    if (node < 0 || told[std::size_t(node)] || known.contains(schedule.nodes[std::size_t(node)])) continue;
    told[std::size_t(node)] = true;
    change.warnings.push_back({"unknown_node", format("/events/{}/node_id", i),
                               format("No node '{}' yet; its events wait for it", schedule.nodes[std::size_t(node)])});
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
