// SPDX-License-Identifier: MIT
// A whole session as one value.
#include "control/command.hpp"
#include "control/graph_json.hpp"
#include "control/schedule_json.hpp"

namespace arranger {
namespace {

constexpr std::int32_t state_version = 1;

struct LoopJson : json::Request {
  bool enabled = false;
  double start = 0, end = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("enabled", &LoopJson::enabled, {.doc = "The playhead goes back at end."}),
        json::field("start", &LoopJson::start, {.doc = "First beat.", .min = 0, .max = 1e7, .unit = "beats"}),
        json::field("end", &LoopJson::end, {.doc = "Beat after the last.", .min = 0, .max = 1e7, .unit = "beats"})};
  }
};

struct StateJson : json::Request {
  std::int32_t version = state_version;
  double bpm = 120;
  NodesJson nodes;
  std::vector<Connection> connections;
  json::Items<EventJson> events;
  LoopJson loop;
  static constexpr auto fields() {
    return std::tuple{
        json::field("version", &StateJson::version,
                    {.doc = "Of this format.", .required = true, .min = 1, .max = state_version}),
        json::field("bpm", &StateJson::bpm, {.doc = "Tempo from beat 0 on.", .min = 1, .max = 999, .unit = "BPM"}),
        json::field("nodes", &StateJson::nodes, {.doc = "As in set_graph, with current values."}),
        json::field("connections", &StateJson::connections, {.doc = "As in set_graph."}),
        json::field("events", &StateJson::events, {.doc = "As in set_schedule."}),
        json::field("loop", &StateJson::loop, {.doc = "As in set_loop."})};
  }
};

// One node of a session.
struct NodeStateJson : json::Request {
  std::string type;
  json::Values params;
  std::optional<std::int32_t> plugin_version;
  std::optional<std::string> state;
  static constexpr auto fields() {
    return std::tuple{
        json::field("type", &NodeStateJson::type, {.doc = "The node's, for a check.", .required = true}),
        json::field("params", &NodeStateJson::params, {.doc = "As in set_graph: what is missing has its default."}),
        json::field(
            "plugin_version", &NodeStateJson::plugin_version,
            {.doc = "Of the plugin that params are of: an older one's are migrated.", .min = 1, .max = 2147483647}),
        json::field("state", &NodeStateJson::state,
                    {.doc = "What the plugin remembers beside its parameters: base64; none = as new."})};
  }
};

struct GetState : json::Request {
  std::optional<std::string> node_id;
  static constexpr CommandInfo info{
      .name = "get_state",
      .doc = "The whole session: graph, parameters, states of plugins, schedule, loop. Or one node of it.",
      .examples = {{R"({"cmd":"get_state"})", "", {"set_graph"}},
                   {R"({"cmd":"get_state","node_id":"mixer"})", "", {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &GetState::node_id, {.doc = "The node; none = the session."})};
  }
  struct Reply {
    std::optional<StateJson> state;
    std::optional<NodeStateJson> node;
    static constexpr auto fields() {
      return std::tuple{json::field("state", &Reply::state, {.doc = "The session, for set_state."}),
                        json::field("node", &Reply::node, {.doc = "The node, when one was asked for."})};
    }
  };
  Result<Reply> run(Context &context) const {
    const Model model = context.engine.model();
    auto graph = context.engine.graph_with_states();
    if (!graph) return std::unexpected(graph.error());
    return node_id ? node(model, *graph) : session(model, std::move(*graph));
  }

 private:
  Result<Reply> node(const Model &model, const Graph &graph) const {
    if (auto known = model.find_node(*node_id, "/node_id"); !known) return std::unexpected(known.error());
    const auto found = std::ranges::find(graph.nodes, *node_id, &Node::id);
    if (found == graph.nodes.end()) return fail(Code::unknown_node, "Expected a node but it has just gone", "/node_id");
    NodeStateJson out;
    out.type = found->type;
    out.params = found->params;
    if (found->plugin_version > 0) out.plugin_version = found->plugin_version;
    out.state = write_state(found->state);
    return Reply{{}, std::move(out)};
  }

  static Result<Reply> session(const Model &model, Graph graph) {
    StateJson state;
    state.bpm = model.bpm;
    state.connections = std::move(graph.connections);
    state.nodes = NodesJson(std::make_shared<const Graph>(std::move(graph)));
    state.events = write_schedule(model.schedule);
    state.loop.enabled = model.loop.enabled;
    state.loop.start = model.loop.start;
    state.loop.end = model.loop.end;
    return Reply{std::move(state), {}};
  }
};

struct SetState : json::Request {
  std::optional<StateJson> state;
  std::optional<std::string> node_id;
  std::optional<NodeStateJson> node;
  static constexpr CommandInfo info{
      .name = "set_state",
      .doc =
          "Puts a whole session in place of the one that is there, the playhead goes to the start; or gives one node "
          "what "
          "get_state said of it, while all goes on.",
      .examples = {{R"({"cmd":"set_state","state":{"version":1,"bpm":100,"nodes":[{"id":"mixer","type":"mixer"}]}})"},
                   {R"({"cmd":"set_state","node_id":"mixer","node":{"type":"mixer","params":{"master_gain":0.5}}})",
                    "",
                    {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{json::field("state", &SetState::state, {.doc = "What get_state answered."}),
                      json::field("node_id", &SetState::node_id, {.doc = "The node to give something to."}),
                      json::field("node", &SetState::node, {.doc = "What get_state answered for a node."})};
  }
  struct Reply {
    std::vector<Warning> warnings;
    static constexpr auto fields() {
      return std::tuple{json::field("warnings", &Reply::warnings, {.doc = "What was forgiven."})};
    }
  };
  Result<Reply> run(Edit &edit) {
    const bool is_session = state && !node_id && !node, is_node = node_id && node && !state;
    if (!is_session && !is_node) return fail(Code::invalid_request, "Expected either state, or node_id and node");
    return is_session ? set_session(edit) : set_node(edit);
  }

 private:
  Result<Reply> set_node(Edit &edit) const {
    const auto index = edit.model().find_node(*node_id, "/node_id");
    if (!index) return std::unexpected(index.error());
    const std::string &type = edit.model().graph->nodes[*index].type;
    if (plugin_id_of(type) != plugin_id_of(node->type))
      return fail(Code::type_mismatch, format("Expected the state of a {} but received one of a {}", type, node->type),
                  "/node/type");
    auto bytes = read_state(node->state, "/node/state");
    if (!bytes) return std::unexpected(bytes.error());
    const std::string at = format("/nodes/{}", *index);
    const auto placed = [&at](const std::string &path) {
      return path.starts_with(at) ? "/node" + path.substr(at.size()) : std::string("/node");
    };
    auto change = edit.set_node_state(*node_id, {node->params, node->plugin_version.value_or(0), std::move(*bytes)});
    if (!change) {
      change.error().path = placed(change.error().path);
      return std::unexpected(change.error());
    }
    Reply reply;
    for (const Warning &warning : change->warnings)
      if (warning.path.starts_with(at + '/'))
        reply.warnings.push_back({warning.code, placed(warning.path), warning.message});
    return reply;
  }

  Result<Reply> set_session(Edit &edit) {
    Reply reply;
    auto nodes = state->nodes.take("/state", reply.warnings);
    if (!nodes) return std::unexpected(nodes.error());
    Graph graph{state->bpm, std::move(*nodes), std::move(state->connections)};
    auto schedule = read_schedule(state->events, "/state/events");
    if (!schedule) return std::unexpected(schedule.error());
    const LoopJson &loop = state->loop;
    if (loop.enabled && loop.end <= loop.start)
      return fail(Code::out_of_range,
                  format("Expected end after start, beat {}, but received {}", loop.start, loop.end),
                  "/state/loop/end");
    const std::vector<Rename> renames = migrate(graph);
    if (auto migrated = migrate(*schedule, renames)) schedule = std::move(*migrated);
    auto change = edit.set_graph(std::move(graph));
    if (!change) {
      change.error().path = "/state" + state->nodes.written_at(change.error().path);
      return std::unexpected(change.error());
    }
    const auto forgiven = edit.set_schedule(std::move(*schedule));
    if (!forgiven) return std::unexpected(forgiven.error());
    edit.set_loop({loop.enabled, loop.start, loop.end});
    edit.seek(0);
    for (const Warning &warning : change->warnings)
      reply.warnings.push_back({warning.code, "/state" + warning.path, warning.message});
    for (const EventWarning &warning : forgiven->warnings)
      reply.warnings.push_back(
          {warning.code, format("/state/events/{}/{}", warning.event, warning.field), warning.message});
    return reply;
  }
};

}  // namespace

std::span<const Command> state_commands() {
  static constexpr std::array commands{command<GetState>("state"), command<SetState>("state")};
  return commands;
}

}  // namespace arranger
