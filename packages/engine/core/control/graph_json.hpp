// SPDX-License-Identifier: MIT
// A graph as clients send it and get it back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/read.hpp"
#include "engine.hpp"

namespace arranger {

template <>
struct json::Words<ControlMode> {
  static constexpr std::array<std::pair<ControlMode, std::string_view>, 2> all{
      {{ControlMode::set, "set"}, {ControlMode::add, "add"}}};
};

// Of factors: a product with any sample stays finite.
inline constexpr double greatest_factor = 1e9;

// A node as a client sends it. Saved projects outlive plugin versions, so an unknown field is only told of.
struct NodeJson : json::Forgiving {
  std::string id, type;
  json::Values params;
  bool isolated = false;
  std::optional<std::int32_t> plugin_version;
  std::optional<std::string> state;
  json::Values config;
  std::vector<Warning> warnings;
  static constexpr auto fields() {
    return std::tuple{
        json::field("id", &NodeJson::id, {.doc = "Unique in the graph.", .required = true}),
        json::field("type", &NodeJson::type, {.doc = "A plugin id or a short name.", .required = true}),
        json::field(
            "params", &NodeJson::params,
            {.doc = "Numbers set parameters, strings set config parameters; a name it lacks is told in warnings."}),
        json::field("isolated", &NodeJson::isolated,
                    {.doc = "Runs in a process of its own, which is all that it can take down."}),
        json::field("plugin_version", &NodeJson::plugin_version,
                    {.doc = "Of the plugin that params are of: an older one's are migrated. None = the loaded one's.",
                     .min = 1,
                     .max = 2147483647}),
        json::field(
            "state", &NodeJson::state,
            {.doc = "What the plugin remembers beside its parameters, as get_state gave it: base64. None = as it "
                    "is; \"\" = as new."})};
  }
  Result<void> read_unknown(std::string_view key, const json::Element &element, const json::Path &path);
};

struct MapJson : json::Request {
  double min = 0, max = 1;
  static constexpr auto fields() {
    return std::tuple{
        json::field("min", &MapJson::min,
                    {.doc = "Where 0 goes, in the parameter's unit.", .min = -greatest_factor, .max = greatest_factor}),
        json::field(
            "max", &MapJson::max,
            {.doc = "Where 1 goes, in the parameter's unit.", .min = -greatest_factor, .max = greatest_factor})};
  }
};

struct ConnectionJson : json::Request {
  std::string from_node, from_port, to_node, to_port;
  double gain = 1;
  ControlMode mode = ControlMode::set;
  double amount = 1;
  std::optional<MapJson> map;
  static constexpr auto fields() {
    return std::tuple{
        json::field("from_node", &ConnectionJson::from_node, {.doc = "Node id.", .required = true}),
        json::field("from_port", &ConnectionJson::from_port,
                    {.doc = "Output; of a track_source any name.", .required = true}),
        json::field("to_node", &ConnectionJson::to_node, {.doc = "Node id.", .required = true}),
        json::field("to_port", &ConnectionJson::to_port,
                    {.doc = "Input; a stereo port x answers to x, x_L and x_R.", .required = true}),
        json::field("gain", &ConnectionJson::gain,
                    {.doc = "Of audio: linear factor.", .min = -greatest_factor, .max = greatest_factor}),
        json::field("mode", &ConnectionJson::mode, {.doc = "Of control: replace the base value, or add to it."}),
        json::field("amount", &ConnectionJson::amount,
                    {.doc = "Of control with mode add: factor.", .min = -greatest_factor, .max = greatest_factor}),
        json::field("map", &ConnectionJson::map, {.doc = "Of control: from 0..1 to a range; without it plain units."})};
  }
};

// The bytes of a state; null for none. Error: invalid_request at `path`.
Result<std::shared_ptr<const std::string>> read_state(const std::optional<std::string> &text, std::string path);
std::optional<std::string> write_state(const std::shared_ptr<const std::string> &state);

// Takes what the graph needs out of both; of the nodes it leaves what `written_at` needs. `warnings` gets what is forgiven, its
// paths behind `path`. Errors: invalid_request.
Result<Graph> read_graph(std::vector<NodeJson> &nodes, std::vector<ConnectionJson> &connections, std::string_view path,
                         std::vector<Warning> &warnings);
// To the engine a node's own config fields are params; where an error or a warning stands in the request, by its path there.
std::string written_at(const std::vector<NodeJson> &nodes, const std::string &path);
std::vector<NodeJson> write_nodes(const Graph &graph);
std::vector<ConnectionJson> write_connections(const Graph &graph);

}  // namespace arranger
