// SPDX-License-Identifier: MIT
#include <algorithm>

#include "control/command.hpp"
#include "control/curve.hpp"
#include "parameter_setter.hpp"

namespace arranger {
namespace {

class PreparedParam final : public Prepared {
 public:
  explicit PreparedParam(ParameterSetter setter) : setter_(std::move(setter)) {}
  Result<void> check() { return setter_.check(); }
  Result<void> send(double value) override { return setter_.set(value); }

 private:
  ParameterSetter setter_;
};

struct SetParam : json::Request {
  std::optional<std::string> node_id, param_id;
  std::optional<std::int64_t> handle;
  double value = 0;
  std::optional<double> at_beat, ramp_ms;
  static constexpr CommandInfo info{
      .name = "set_param",
      .doc = "Sets the base value of a parameter; connections apply on top. Strict: a value out of range is an error.",
      .examples = {{.request = R"({"cmd":"set_param","node_id":"synth","param_id":"gain","value":0.5})",
                    .needs = {"set_graph"}},
                   {.request = R"({"cmd":"set_param","node_id":"synth","param_id":"gain","value":0,"ramp_ms":2000})",
                    .doc = "A fade of two seconds.",
                    .needs = {"set_graph"}},
                   {.request = R"({"cmd":"set_param","node_id":"synth","param_id":"gain","value":1,"at_beat":16})",
                    .doc = "When the song comes to beat 16.",
                    .needs = {"set_graph"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{
        json::field("node_id", &SetParam::node_id, {.doc = "The node; unless a handle is given."}),
        json::field("param_id", &SetParam::param_id, {.doc = "One of its parameters; unless a handle is given."}),
        json::field("handle", &SetParam::handle,
                    {.doc = "What resolve answered, in place of node_id and param_id.", .min = 0}),
        json::field("value", &SetParam::value, {.doc = "In the parameter's unit.", .required = true}),
        json::field(
            "at_beat", &SetParam::at_beat,
            {.doc = "When the playhead comes there; what is past, or with the transport stopped: now. A seek drops it.",
             .min = 0,
             .max = 1e7,
             .unit = "beats"}),
        json::field("ramp_ms", &SetParam::ramp_ms,
                    {.doc = "Length of the line to the value; none = smoothed as the parameter declares.",
                     .min = 0,
                     .max = 3.6e6,
                     .unit = "ms"})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    ParamChange change{{}, {}, value, at_beat, ramp_ms};
    if (auto done = check_names(); !done) return std::unexpected(std::move(done.error()));
    std::pair<std::string, std::string> named;
    if (handle) {
      auto found = edit.lookup(*handle);
      if (!found) return std::unexpected(found.error());
      named = std::move(*found);
      change.node = named.first;
      change.param = named.second;
    } else {
      change.node = *node_id;
      change.param = *param_id;
    }
    if (auto done = edit.set_param(change); !done) return std::unexpected(done.error());
    return Reply{};
  }
  std::optional<Result<Reply>> run_alone(Engine &engine) const {
    if (handle || at_beat || !node_id || !param_id) return {};
    auto done = ParameterSetter(engine, *node_id, *param_id, ramp_ms).set(value);
    if (!done) return std::unexpected(std::move(done.error()));
    return Reply{};
  }
  Result<std::unique_ptr<Prepared>> prepared(Engine &engine) const {
    if (auto done = check_names(); !done) return std::unexpected(std::move(done.error()));
    if (handle || at_beat)
      return fail(Code::invalid_request, "Expected node_id and param_id, and nothing for one time only",
                  handle ? "/handle" : "/at_beat");
    auto out = std::make_unique<PreparedParam>(ParameterSetter(engine, *node_id, *param_id, ramp_ms));
    if (auto done = out->check(); !done) return std::unexpected(std::move(done.error()));
    return out;
  }

 private:
  Result<void> check_names() const {
    if (handle && (node_id || param_id))
      return fail(Code::invalid_request, "Expected a handle or node_id and param_id but received both", "/handle");
    if (handle || (node_id && param_id)) return {};
    const std::string_view missing = node_id ? "param_id" : "node_id";
    return fail(Code::invalid_request, format("Expected the field '{}' but it is missing", missing),
                format("/{}", missing));
  }
};

struct Resolve : json::Request {
  std::string node_id, param_id;
  static constexpr CommandInfo info{
      .name = "resolve",
      .doc = "A number that stands for a parameter as long as its node stays what it is; later it is an error.",
      .examples = {{.request = R"({"cmd":"resolve","node_id":"synth","param_id":"gain"})", .needs = {"set_graph"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &Resolve::node_id, {.doc = "The node.", .required = true}),
                      json::field("param_id", &Resolve::param_id, {.doc = "One of its parameters.", .required = true})};
  }
  struct Reply {
    std::int64_t handle = 0;
    static constexpr auto fields() {
      return std::tuple{json::field("handle", &Reply::handle, {.doc = "For set_param."})};
    }
  };
  Result<Reply> run(Context &context) const {
    auto handle = Edit(context.engine, Edit::Pace::quick).handle_of(node_id, param_id);
    if (!handle) return std::unexpected(handle.error());
    return Reply{*handle};
  }
};

// A text for a graph editor is a curve: it stands for the parameters of its points.
Result<json::Values> without_curves(const Model &model, const std::string &node_id, const json::Values &config) {
  const auto node = model.find_node(node_id, "/node_id");
  if (!node) return std::unexpected(node.error());
  json::Values out;
  for (const auto &[key, value] : config) {
    const auto &ports = (*model.info)[*node].ports;
    const auto port = std::ranges::find(ports, key, &Port::id);
    const std::string *text = std::get_if<std::string>(&value);
    if (port == ports.end() || port->hint != ARR_PORT_HINT_GRAPH_EDITOR || !text) {
      out.emplace_back(key, value);
      continue;
    }
    const auto here = [path = "/config/" + pointer_token(key)](Error error) {
      return std::unexpected(Error{error.code, std::move(error.message), path + error.path});
    };
    const auto points = read_points(*text);
    if (!points) return here(points.error());
    const auto params = params_of(model, *node, *port, *points);
    if (!params) return here(params.error());
    for (const auto &[id, number] : *params) out.emplace_back(id, number);
  }
  return out;
}

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
  Result<Reply> run(Edit &edit) const {
    const auto values = without_curves(edit.model(), node_id, config);
    if (!values) return std::unexpected(values.error());
    auto warnings = edit.set_node_config(node_id, *values);
    if (!warnings) return std::unexpected(warnings.error());
    return Reply{std::move(*warnings)};
  }
};

}  // namespace

std::span<const Command> params_commands() {
  static constexpr std::array commands{command<SetParam>("params"), command<SetNodeConfig>("params"),
                                       command<Resolve>("params")};
  return commands;
}

}  // namespace arranger
