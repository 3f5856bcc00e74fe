// SPDX-License-Identifier: MIT
#include "control/command.hpp"
#include "control/graph_json.hpp"

namespace arranger {

namespace {

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
  NodesJson nodes;
  std::vector<Connection> connections;
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
  using Reply = ChangeReply;
  Result<Reply> run(Edit &edit) {
    std::vector<Warning> warnings;
    says_more_ = nodes.say_more_than_values();
    auto taken = nodes.take("", warnings);
    if (!taken) return std::unexpected(taken.error());
    if (sample_rate && *sample_rate != edit.sample_rate())
      warnings.push_back({"invalid_request", "/sample_rate",
                          format("The engine runs at {} Hz; {} was ignored", edit.sample_rate(), *sample_rate)});
    auto change = edit.set_graph({bpm, std::move(*taken), std::move(connections)});
    if (!change)
      return fail(change.error().code, std::move(change.error().message), nodes.written_at(change.error().path));
    for (Warning &warning : change->warnings) warning.path = nodes.written_at(warning.path);
    change->warnings.insert(change->warnings.begin(), warnings.begin(), warnings.end());
    says_more_ = says_more_ || !change->warnings.empty();
    return reply_of(std::move(*change));
  }

  // What is told, or depends on more than the text, is told of each such text.
  void remember(Context &context, Edit &edit) const {
    if (says_more_) context.graph_memory.forget();
    else context.graph_memory.keep(context.text, edit.model());
  }
  static std::optional<Body> run_again(Context &context, const json::Element &rest, Edit &edit,
                                       GraphMemory::News news) {
    SetGraph command;
    if (!json::read(rest, command, json::Path{.attachments = context.attachments})) return {};
    const bool is_warned = command.sample_rate && *command.sample_rate != edit.sample_rate();
    auto given = NodesJson::parse(news.texts);
    if (!given || is_warned) return {};
    std::vector<std::pair<std::size_t, Node>> nodes;
    for (std::size_t i = 0; i < given->size(); ++i) nodes.emplace_back(news.nodes[i], std::move((*given)[i]));
    auto change = edit.set_values(nodes, command.bpm);
    if (!change || !edit.commit()) return {};
    context.graph_memory.keep(std::move(news), nodes);
    return body_of<Reply>(reply_of(std::move(*change)));
  }

 private:
  bool says_more_ = false;
};

struct NodeReply {
  std::string id, type;
  json::Values params;
  std::optional<bool> isolated = {};
  static constexpr auto fields() {
    return std::tuple{json::field("id", &NodeReply::id, {.doc = "As set."}),
                      json::field("type", &NodeReply::type, {.doc = "As set."}),
                      json::field("params", &NodeReply::params, {.doc = "Current values."}),
                      json::field("isolated", &NodeReply::isolated, {.doc = "Of one in a process of its own: true."})};
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
    std::vector<Connection> connections;
    static constexpr auto fields() {
      return std::tuple{json::field("bpm", &Reply::bpm, {.doc = "Tempo from beat 0 on.", .unit = "BPM"}),
                        json::field("nodes", &Reply::nodes, {.doc = "The nodes."}),
                        json::field("connections", &Reply::connections, {.doc = "The connections."})};
    }
  };
  Result<Reply> run(Context &context) const {
    Graph graph = context.engine.graph();
    Reply reply{graph.bpm.value_or(120), {}, std::move(graph.connections)};
    for (const Node &node : graph.nodes)
      reply.nodes.push_back({node.id, node.type, node.params, node.isolated ? std::optional(true) : std::nullopt});
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
  Result<Reply> run(Edit &edit) const {
    auto change = edit.unload_node(node_id);
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
  Result<Reply> run(Edit &edit) const {
    auto node = edit.load_soundfont(node_id, path);
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
