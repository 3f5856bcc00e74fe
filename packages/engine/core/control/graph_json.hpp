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

template <>
struct json::Fields<ControlMap> {
  static constexpr auto get() {
    return std::tuple{
        field("min", &ControlMap::min,
              {.doc = "Where 0 goes, in the parameter's unit.", .min = -greatest_factor, .max = greatest_factor}),
        field("max", &ControlMap::max,
              {.doc = "Where 1 goes, in the parameter's unit.", .min = -greatest_factor, .max = greatest_factor})};
  }
};

template <>
struct json::Fields<Connection> {
  static constexpr auto get() {
    return std::tuple{
        field("from_node", &Connection::from_node, {.doc = "Node id.", .required = true}),
        field("from_port", &Connection::from_port, {.doc = "Output; of a track_source any name.", .required = true}),
        field("to_node", &Connection::to_node, {.doc = "Node id.", .required = true}),
        field("to_port", &Connection::to_port,
              {.doc = "Input; a stereo port x answers to x, x_L and x_R.", .required = true}),
        field("gain", &Connection::gain,
              {.doc = "Of audio: linear factor.", .min = -greatest_factor, .max = greatest_factor}),
        field("mode", &Connection::mode, {.doc = "Of control: replace the base value, or add to it."}),
        field("amount", &Connection::amount,
              {.doc = "Of control with mode add: factor.", .min = -greatest_factor, .max = greatest_factor}),
        field("map", &Connection::map, {.doc = "Of control: from 0..1 to a range; without it plain units."})};
  }
};

// The nodes of a graph: read one by one, straight to where they go; written from a graph.
class NodesJson {
 public:
  using value_type = NodeJson;

  NodesJson() = default;
  explicit NodesJson(std::shared_ptr<const Graph> graph) : written_(std::move(graph)) {}

  Result<void> read_from(const json::Element &element, const json::Path &path);
  template <class Write>
  void write_each(Write write) const {
    for (std::size_t i = 0; written_ && i < written_->nodes.size(); ++i)
      if (!write(i, made_of(written_->nodes[i]))) return;
  }

  // The nodes of a list that say ids, types and params and nothing else; nothing where they do, or it is not right.
  static std::optional<std::vector<Node>> parse(std::string_view text);
  // Whether a node says more than its values: a state, the version of its plugin, what is to be warned of.
  bool say_more_than_values() const;

  // What the graph takes; once. `warnings` gets what is forgiven. `path` is where the request has the list's owner. Errors:
  // invalid_request.
  Result<std::vector<Node>> take(std::string_view path, std::vector<Warning> &warnings);
  // To the engine a node's own config fields are params; where an error or a warning stands in the request, by its path there.
  std::string written_at(const std::string &path) const;

 private:
  static NodeJson made_of(const Node &node);

  std::vector<Node> nodes_;
  std::vector<std::pair<std::size_t, NodeJson>> more_;  // by position: of those that say more than a Node can
  std::shared_ptr<const Graph> written_;
};

template <>
inline constexpr bool json::is_items<NodesJson> = true;

// The bytes of a state; null for none. Error: invalid_request at `path`.
Result<std::shared_ptr<const std::string>> read_state(const std::optional<std::string> &text, std::string path);
std::optional<std::string> write_state(const std::shared_ptr<const std::string> &state);

}  // namespace arranger
