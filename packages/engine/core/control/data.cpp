// SPDX-License-Identifier: MIT
// What nodes show: monitors, histories, curves.
#include "control/command.hpp"
#include "control/curve.hpp"
#include "control/stats.hpp"

namespace arranger {

template <>
struct json::Words<DataSource> {
  static constexpr std::array<std::pair<DataSource, std::string_view>, 3> all{
      {{DataSource::automatic, "auto"}, {DataSource::live, "live"}, {DataSource::render, "render"}}};
};

namespace {

struct GetNodeData : json::Request {
  std::string node_id;
  std::string port_id = "history";
  DataSource source = DataSource::automatic;
  static constexpr CommandInfo info{
      .name = "get_node_data",
      .doc = "What a node shows at a port: a monitor's value or values, or a curve and its points.",
      .examples = {{R"({"cmd":"get_node_data","node_id":"mixer","port_id":"level_l"})", "", {"set_graph", "note_on"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{
        json::field("node_id", &GetNodeData::node_id, {.doc = "The node.", .required = true}),
        json::field("port_id", &GetNodeData::port_id, {.doc = "One of its monitors."}),
        json::field(
            "source", &GetNodeData::source,
            {.doc = "Live playback or the last render; auto = the render, unless something was played since."})};
  }
  struct Reply {
    std::string data;
    json::Raw value;
    DataSource source = DataSource::live;
    static constexpr auto fields() {
      return std::tuple{json::field("data", &Reply::data, {.doc = "The value as JSON text."}),
                        json::field("value", &Reply::value, {.doc = "A number, a list of numbers, or a curve."}),
                        json::field("source", &Reply::source, {.doc = "Where it comes from."})};
    }
  };
  Result<Reply> run(Context &context) const {
    auto found = context.engine.node_data(node_id, port_id, source);
    if (!found) return std::unexpected(found.error());
    std::string text;
    if (found->curve) text = curve_text(*found->curve);
    else if (found->is_array) json::write(text, found->values);
    else json::write(text, found->values.empty() ? 0.0f : found->values.front());
    return Reply{text, {text}, found->source};
  }
};

struct GetStats : json::Request {
  static constexpr CommandInfo info{.name = "get_stats",
                                    .doc = "What live playback costs, and what went wrong in it.",
                                    .examples = {{R"({"cmd":"get_stats"})", "", {"set_graph", "play"}}},
                                    .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  using Reply = StatsReply;
  Result<Reply> run(Context &context) const { return stats_reply(context.engine, context.events); }
};

struct ResetNode : json::Request {
  std::string node_id;
  static constexpr CommandInfo info{.name = "reset_node",
                                    .doc = "Makes a node begin anew; one that failed and was muted plays again.",
                                    .examples = {{R"({"cmd":"reset_node","node_id":"synth"})", "", {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &ResetNode::node_id, {.doc = "The node.", .required = true})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    if (auto done = edit.reset_node(node_id); !done) return std::unexpected(done.error());
    return Reply{};
  }
};

}  // namespace

std::span<const Command> data_commands() {
  static constexpr std::array commands{command<GetNodeData>("data"), command<GetStats>("data"),
                                       command<ResetNode>("data")};
  return commands;
}

}  // namespace arranger
