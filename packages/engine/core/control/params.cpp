// SPDX-License-Identifier: MIT
#include "control/command.hpp"

namespace arranger {
namespace {

struct SetParam : json::Request {
  std::string node_id, param_id;
  double value = 0;
  static constexpr CommandInfo info{
      .name = "set_param",
      .doc = "Sets the base value of a parameter; connections apply on top. Strict: a value out of range is an error.",
      .examples = {{.request = R"({"cmd":"set_param","node_id":"synth","param_id":"gain","value":0.5})",
                    .needs = {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &SetParam::node_id, {.doc = "The node.", .required = true}),
                      json::field("param_id", &SetParam::param_id, {.doc = "One of its parameters.", .required = true}),
                      json::field("value", &SetParam::value, {.doc = "In the parameter's unit.", .required = true})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    if (auto done = context.engine.set_param(node_id, param_id, value); !done) return std::unexpected(done.error());
    return Reply{};
  }
};

struct SetNodeConfig : json::Request {
  std::string node_id;
  json::Values config;
  static constexpr CommandInfo info{
      .name = "set_node_config",
      .doc =
          "Sets parameters and config parameters of one node by id. What would change the node's ports needs "
          "set_graph.",
      .examples = {
          {.request = R"({"cmd":"set_node_config","node_id":"synth","config":{"gain":0.3}})", .needs = {"set_graph"}}}};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &SetNodeConfig::node_id, {.doc = "The node.", .required = true}),
                      json::field("config", &SetNodeConfig::config, {.doc = "Values by id.", .required = true})};
  }
  struct Reply {
    std::vector<Warning> warnings;
    static constexpr auto fields() {
      return std::tuple{json::field("warnings", &Reply::warnings, {.doc = "What was forgiven."})};
    }
  };
  Result<Reply> run(Context &context) const {
    auto warnings = context.engine.set_node_config(node_id, config);
    if (!warnings) return std::unexpected(warnings.error());
    return Reply{std::move(*warnings)};
  }
};

}  // namespace

std::span<const Command> params_commands() {
  static constexpr std::array commands{command<SetParam>("params"), command<SetNodeConfig>("params")};
  return commands;
}

}  // namespace arranger
