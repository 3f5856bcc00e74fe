// SPDX-License-Identifier: MIT
#include "control/graph_json.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include "base/base64.hpp"
#include "plugin/state.hpp"

namespace arranger {
namespace {

constexpr std::array<std::string_view, 7> config_fields{"sf2_path", "lv2_uri",  "sample_path", "channel_count",
                                                        "pitch_lo", "pitch_hi", "gate_mode"};

}  // namespace

Result<void> NodeJson::read_unknown(std::string_view key, const json::Element &element, const json::Path &path) {
  const json::Path here{&path, key};
  if (std::ranges::find(config_fields, key) == config_fields.end()) {
    warnings.push_back({"invalid_request", here.text(), format("Unknown field '{}' was ignored", key)});
    return {};
  }
  double number = 0;
  std::string_view text;
  if (element.get_double().get(number) == simdjson::SUCCESS) config.emplace_back(key, number);
  else if (element.get_string().get(text) == simdjson::SUCCESS) config.emplace_back(key, std::string(text));
  else return json::mismatch(here, "a number or a string", element);
  return json::check_text(text, here);
}

Result<std::shared_ptr<const std::string>> read_state(const std::optional<std::string> &text, std::string path) {
  if (!text) return nullptr;
  auto bytes = from_base64(*text);
  if (!bytes)
    return fail(Code::invalid_request, "Expected the state of a plugin but it is not base64 text", std::move(path));
  if (!bytes->empty())
    if (auto state = decode_state(*bytes); !state)
      return fail(Code::invalid_request, std::move(state.error().message), std::move(path));
  return std::make_shared<const std::string>(std::move(*bytes));
}

std::optional<std::string> write_state(const std::shared_ptr<const std::string> &state) {
  if (!state || state->empty()) return {};
  return base64(std::as_bytes(std::span(*state)));
}

Result<Graph> read_graph(std::vector<NodeJson> &nodes, std::vector<ConnectionJson> &connections, std::string_view path,
                         std::vector<Warning> &warnings) {
  Graph graph;
  graph.nodes.reserve(nodes.size());
  graph.connections.reserve(connections.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    NodeJson &node = nodes[i];
    warnings.insert(warnings.end(), node.warnings.begin(), node.warnings.end());
    Node &to = graph.nodes.emplace_back();
    to.id = std::move(node.id);
    to.type = std::move(node.type);
    to.params = std::move(node.params);
    to.isolated = node.isolated;
    to.plugin_version = node.plugin_version.value_or(0);
    if (node.state) {
      auto state = read_state(node.state, format("{}/nodes/{}/state", path, i));
      if (!state) return std::unexpected(state.error());
      to.state = std::move(*state);
    }
    auto &params = to.params;
    for (const auto &[key, value] : node.config) {
      if (std::ranges::find(params, key, &json::Values::value_type::first) != params.end())
        return fail(Code::invalid_request, format("Expected '{}' once but it is given again", key),
                    format("{}/nodes/{}/{}", path, i, key));
      params.emplace_back(key, value);
    }
  }
  for (ConnectionJson &from : connections) {
    std::optional<ControlMap> map;
    if (from.map) map = ControlMap{from.map->min, from.map->max};
    graph.connections.push_back({std::move(from.from_node), std::move(from.from_port), std::move(from.to_node),
                                 std::move(from.to_port), from.gain, from.mode, from.amount, map});
  }
  return graph;
}

std::string written_at(const std::vector<NodeJson> &nodes, const std::string &path) {
  constexpr std::string_view list = "/nodes/", params = "/params/";
  const std::size_t end = path.find(params);
  if (!path.starts_with(list) || end == std::string::npos) return path;
  std::size_t index = 0;
  std::from_chars(path.data() + list.size(), path.data() + end, index);
  const std::string_view key = std::string_view(path).substr(end + params.size());
  if (index >= nodes.size()) return path;
  const auto &config = nodes[index].config;
  const bool is_field = std::ranges::find(config, key, &json::Values::value_type::first) != config.end();
  return is_field ? format("{}{}/{}", list, index, key) : path;
}

std::vector<NodeJson> write_nodes(const Graph &graph) {
  std::vector<NodeJson> out;
  for (const Node &node : graph.nodes) {
    NodeJson &to = out.emplace_back();
    to.id = node.id;
    to.type = node.type;
    to.params = node.params;
    to.isolated = node.isolated;
    if (node.plugin_version > 0) to.plugin_version = node.plugin_version;
    to.state = write_state(node.state);
  }
  return out;
}

std::vector<ConnectionJson> write_connections(const Graph &graph) {
  std::vector<ConnectionJson> out;
  for (const Connection &from : graph.connections) {
    ConnectionJson &to = out.emplace_back();
    to.from_node = from.from_node;
    to.from_port = from.from_port;
    to.to_node = from.to_node;
    to.to_port = from.to_port;
    to.gain = from.gain;
    to.mode = from.mode;
    to.amount = from.amount;
    if (!from.map) continue;
    to.map.emplace();
    to.map->min = from.map->min;
    to.map->max = from.map->max;
  }
  return out;
}

}  // namespace arranger
