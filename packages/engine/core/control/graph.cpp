// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>

#include "control/command.hpp"

namespace arranger {

template <>
struct json::Words<ControlMode> {
  static constexpr std::array<std::pair<ControlMode, std::string_view>, 2> all{
      {{ControlMode::set, "set"}, {ControlMode::add, "add"}}};
};

namespace {

constexpr std::array<std::string_view, 7> config_fields{"sf2_path", "lv2_uri",  "sample_path", "channel_count",
                                                        "pitch_lo", "pitch_hi", "gate_mode"};

// Of factors: a product with any sample stays finite.
constexpr double greatest = 1e9;

// A node as a client sends it. Saved projects outlive plugin versions, so an unknown field is only told of.
struct NodeJson : json::Forgiving {
  std::string id, type;
  json::Values params;
  bool isolated = false;
  json::Values config;
  std::vector<Warning> warnings;
  static constexpr auto fields() {
    return std::tuple{
        json::field("id", &NodeJson::id, {.doc = "Unique in the graph.", .required = true}),
        json::field("type", &NodeJson::type, {.doc = "A plugin id or a short name.", .required = true}),
        json::field(
            "params", &NodeJson::params,
            {.doc = "Numbers set parameters, strings set config parameters; a name it lacks is told in warnings."}),
        json::field("isolated", &NodeJson::isolated, {.doc = "Runs in a process of its own; not yet, so only false."})};
  }
  Result<void> read_unknown(std::string_view key, const json::Element &element, const json::Path &path) {
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
};

struct MapJson : json::Request {
  double min = 0, max = 1;
  static constexpr auto fields() {
    return std::tuple{
        json::field("min", &MapJson::min,
                    {.doc = "Where 0 goes, in the parameter's unit.", .min = -greatest, .max = greatest}),
        json::field("max", &MapJson::max,
                    {.doc = "Where 1 goes, in the parameter's unit.", .min = -greatest, .max = greatest})};
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
                    {.doc = "Of audio: linear factor.", .min = -greatest, .max = greatest}),
        json::field("mode", &ConnectionJson::mode, {.doc = "Of control: replace the base value, or add to it."}),
        json::field("amount", &ConnectionJson::amount,
                    {.doc = "Of control with mode add: factor.", .min = -greatest, .max = greatest}),
        json::field("map", &ConnectionJson::map, {.doc = "Of control: from 0..1 to a range; without it plain units."})};
  }
};

struct ChangeReply {
  std::vector<std::string> kept, added, removed, rebuilt;
  std::vector<Warning> warnings;
  static constexpr auto fields() {
    return std::tuple{json::field("kept", &ChangeReply::kept, {.doc = "Nodes that stay as they are."}),
                      json::field("added", &ChangeReply::added, {.doc = "New nodes."}),
                      json::field("removed", &ChangeReply::removed, {.doc = "Nodes that are gone."}),
                      json::field("rebuilt", &ChangeReply::rebuilt, {.doc = "Nodes with another type or config."}),
                      json::field("warnings", &ChangeReply::warnings, {.doc = "What was forgiven."})};
  }
};

ChangeReply reply_of(GraphChange change) {
  return {std::move(change.kept), std::move(change.added), std::move(change.removed), std::move(change.rebuilt),
          std::move(change.warnings)};
}

struct SetGraph : json::Request {
  std::optional<double> bpm;
  std::optional<std::int32_t> sample_rate;
  std::vector<NodeJson> nodes;
  std::vector<ConnectionJson> connections;
  static constexpr CommandInfo info{
      .name = "set_graph",
      .doc = "Replaces the graph: structure is strict, values are forgiving. The node 'mixer' is the master.",
      .examples = {
          {R"({"cmd":"set_graph","bpm":120,"nodes":[{"id":"track","type":"track_source"},{"id":"synth","type":"sine",)"
           R"("params":{"gain":0.2}},{"id":"mixer","type":"mixer"}],"connections":[{"from_node":"track",)"
           R"("from_port":"events_out","to_node":"synth","to_port":"events_in"},{"from_node":"synth",)"
           R"("from_port":"audio_out","to_node":"mixer","to_port":"audio_in_0"}]})"}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("bpm", &SetGraph::bpm, {.doc = "Tempo from beat 0 on.", .min = 1, .max = 999, .unit = "BPM"}),
        json::field("sample_rate", &SetGraph::sample_rate,
                    {.doc = "Ignored, with a warning if it is not the engine's.", .min = 1, .max = 1e6, .unit = "Hz"}),
        json::field("nodes", &SetGraph::nodes, {.doc = "The nodes; none = silence."}),
        json::field("connections", &SetGraph::connections,
                    {.doc = "The connections; several into one input are summed."})};
  }
  // To the engine a node's own config fields are params; an error or a warning says where they stand in the request.
  std::string written_at(const std::string &path) const {
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
  using Reply = ChangeReply;
  Result<Reply> run(Context &context) const {
    Graph graph;
    graph.bpm = bpm;
    std::vector<Warning> warnings;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const NodeJson &node = nodes[i];
      if (node.isolated)
        return fail(Code::invalid_request, "Expected isolated to be false; isolated nodes are not there yet",
                    format("/nodes/{}/isolated", i));
      warnings.insert(warnings.end(), node.warnings.begin(), node.warnings.end());
      graph.nodes.push_back({node.id, node.type, node.params});
      auto &params = graph.nodes.back().params;
      for (const auto &[key, value] : node.config) {
        if (std::ranges::find(params, key, &json::Values::value_type::first) != params.end())
          return fail(Code::invalid_request, format("Expected '{}' once but it is given again", key),
                      format("/nodes/{}/{}", i, key));
        params.emplace_back(key, value);
      }
    }
    for (const ConnectionJson &connection : connections) {
      std::optional<ControlMap> map;
      if (connection.map) map = ControlMap{connection.map->min, connection.map->max};
      graph.connections.push_back({connection.from_node, connection.from_port, connection.to_node, connection.to_port,
                                   connection.gain, connection.mode, connection.amount, map});
    }
    if (sample_rate && *sample_rate != context.engine.config().sample_rate)
      warnings.push_back(
          {"invalid_request", "/sample_rate",
           format("The engine runs at {} Hz; {} was ignored", context.engine.config().sample_rate, *sample_rate)});
    auto change = context.engine.set_graph(std::move(graph));
    if (!change) return fail(change.error().code, std::move(change.error().message), written_at(change.error().path));
    for (Warning &warning : change->warnings) warning.path = written_at(warning.path);
    change->warnings.insert(change->warnings.begin(), warnings.begin(), warnings.end());
    return reply_of(std::move(*change));
  }
};

struct NodeReply {
  std::string id, type;
  json::Values params;
  static constexpr auto fields() {
    return std::tuple{json::field("id", &NodeReply::id, {.doc = "As set."}),
                      json::field("type", &NodeReply::type, {.doc = "As set."}),
                      json::field("params", &NodeReply::params, {.doc = "Current values."})};
  }
};

struct GetGraph : json::Request {
  static constexpr CommandInfo info{.name = "get_graph",
                                    .doc = "The graph as it was set, with current parameter values.",
                                    .examples = {{R"({"cmd":"get_graph"})"}}};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    double bpm = 120;
    std::vector<NodeReply> nodes;
    std::vector<ConnectionJson> connections;
    static constexpr auto fields() {
      return std::tuple{json::field("bpm", &Reply::bpm, {.doc = "Tempo from beat 0 on.", .unit = "BPM"}),
                        json::field("nodes", &Reply::nodes, {.doc = "The nodes."}),
                        json::field("connections", &Reply::connections, {.doc = "The connections."})};
    }
  };
  Result<Reply> run(Context &context) const {
    Graph graph = context.engine.graph();
    Reply reply{graph.bpm.value_or(120), {}, {}};
    for (Node &node : graph.nodes)
      reply.nodes.push_back({std::move(node.id), std::move(node.type), std::move(node.params)});
    for (Connection &from : graph.connections) {
      ConnectionJson to;
      to.from_node = std::move(from.from_node);
      to.from_port = std::move(from.from_port);
      to.to_node = std::move(from.to_node);
      to.to_port = std::move(from.to_port);
      to.gain = from.gain;
      to.mode = from.mode;
      to.amount = from.amount;
      if (from.map) {
        to.map.emplace();
        to.map->min = from.map->min;
        to.map->max = from.map->max;
      }
      reply.connections.push_back(std::move(to));
    }
    return reply;
  }
};

struct UnloadNode : json::Request {
  std::string node_id;
  static constexpr CommandInfo info{
      .name = "unload_node",
      .doc = "Removes a node and its connections.",
      .examples = {{.request = R"({"cmd":"unload_node","node_id":"track"})", .needs = {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &UnloadNode::node_id, {.doc = "The node.", .required = true})};
  }
  using Reply = ChangeReply;
  Result<Reply> run(Context &context) const {
    auto change = context.engine.unload_node(node_id);
    if (!change) return std::unexpected(change.error());
    return reply_of(std::move(*change));
  }
};

struct LoadSf2 : json::Request {
  std::string path, node_id;
  static constexpr CommandInfo info{
      .name = "load_sf2",
      .doc = "Gives a SoundFont to a node.",
      .examples = {
          {.request = R"({"cmd":"load_sf2","path":"font.sf2","node_id":"piano"})",
           .needs =
               {R"({"cmd":"set_graph","nodes":[{"id":"piano","type":"fluidsynth"},{"id":"mixer","type":"mixer"}]})"},
           .files = {"font.sf2"}}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("path", &LoadSf2::path, {.doc = "A file on the engine's machine.", .required = true}),
        json::field("node_id", &LoadSf2::node_id, {.doc = "The node; none = the first that takes a SoundFont."})};
  }
  struct Reply {
    std::string node_id;
    static constexpr auto fields() {
      return std::tuple{json::field("node_id", &Reply::node_id, {.doc = "The node that has it now."})};
    }
  };
  Result<Reply> run(Context &context) const {
    auto node = context.engine.load_soundfont(node_id, path);
    if (!node) return std::unexpected(node.error());
    return Reply{*node};
  }
};

}  // namespace

std::span<const Command> graph_commands() {
  static constexpr std::array commands{command<SetGraph>("graph"), command<GetGraph>("graph"),
                                       command<UnloadNode>("graph"), command<LoadSf2>("graph")};
  return commands;
}

}  // namespace arranger
