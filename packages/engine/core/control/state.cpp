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
  std::vector<NodeJson> nodes;
  std::vector<ConnectionJson> connections;
  std::vector<EventJson> events;
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

struct GetState : json::Request {
  static constexpr CommandInfo info{.name = "get_state",
                                    .doc = "The whole session: graph, parameters, schedule, loop.",
                                    .examples = {{R"({"cmd":"get_state"})", "", {"set_graph"}}}};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    StateJson state;
    static constexpr auto fields() {
      return std::tuple{json::field("state", &Reply::state, {.doc = "For set_state."})};
    }
  };
  Result<Reply> run(Context &context) const {
    const Model model = context.engine.model();
    const Graph graph = context.engine.graph();
    StateJson state;
    state.bpm = model.bpm;
    state.nodes = write_nodes(graph);
    state.connections = write_connections(graph);
    state.events = write_schedule(*model.schedule);
    state.loop.enabled = model.loop.enabled;
    state.loop.start = model.loop.start;
    state.loop.end = model.loop.end;
    return Reply{std::move(state)};
  }
};

struct SetState : json::Request {
  StateJson state;
  static constexpr CommandInfo info{
      .name = "set_state",
      .doc = "Puts a whole session in place of the one that is there; the playhead goes to the start.",
      .examples = {{R"({"cmd":"set_state","state":{"version":1,"bpm":100,"nodes":[{"id":"mixer","type":"mixer"}]}})"}}};
  static constexpr auto fields() {
    return std::tuple{json::field("state", &SetState::state, {.doc = "What get_state answered.", .required = true})};
  }
  struct Reply {
    std::vector<Warning> warnings;
    static constexpr auto fields() {
      return std::tuple{json::field("warnings", &Reply::warnings, {.doc = "What was forgiven."})};
    }
  };
  Result<Reply> run(Edit &edit) const {
    Reply reply;
    auto graph = read_graph(state.nodes, state.connections, "/state", reply.warnings);
    if (!graph) return std::unexpected(graph.error());
    graph->bpm = state.bpm;
    auto schedule = read_schedule(state.events, "/state/events");
    if (!schedule) return std::unexpected(schedule.error());
    if (state.loop.enabled && state.loop.end <= state.loop.start)
      return fail(Code::out_of_range,
                  format("Expected end after start, beat {}, but received {}", state.loop.start, state.loop.end),
                  "/state/loop/end");
    auto change = edit.set_graph(std::move(*graph));
    if (!change) {
      change.error().path = "/state" + written_at(state.nodes, change.error().path);
      return std::unexpected(change.error());
    }
    const auto forgiven = edit.set_schedule(std::move(*schedule));
    if (!forgiven) return std::unexpected(forgiven.error());
    edit.set_loop({state.loop.enabled, state.loop.start, state.loop.end});
    edit.seek(0);
    for (const auto *warnings : {&std::as_const(change->warnings), &forgiven->warnings})
      for (const Warning &warning : *warnings)
        reply.warnings.push_back({warning.code, "/state" + warning.path, warning.message});
    return reply;
  }
};

}  // namespace

std::span<const Command> state_commands() {
  static constexpr std::array commands{command<GetState>("state"), command<SetState>("state")};
  return commands;
}

}  // namespace arranger
