// SPDX-License-Identifier: MIT
#include "graph/resolve.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/json_pointer.hpp"
#include "base/nearest.hpp"
#include "graph/cycles.hpp"
#include "graph/order.hpp"
#include "plugin/audio_input.hpp"
#include "plugin/isolated_plugin.hpp"

namespace arranger {
namespace {

struct Alias {
  std::string_view name, plugin;
};
constexpr std::array aliases{
    Alias{"sine", "builtin.sine"},
    Alias{"mixer", "builtin.mixer"},
    Alias{"control_source", "builtin.control_source"},
    Alias{"note_gate", "builtin.note_gate"},
    Alias{"fluidsynth", "builtin.fluidsynth"},
    Alias{"sampler", "builtin.sampler"},
    Alias{"lv2", "builtin.lv2"},
};

// Names that clients give in place of a parameter's own.
struct ParamAlias {
  std::string_view plugin, name, param;
};
constexpr std::array param_aliases{
    ParamAlias{"builtin.note_gate", "gate_mode", "mode"},
};

const std::vector<Port> &track_source_ports() {
  static const std::vector<Port> ports = [] {
    Port port;
    port.id = "events_out";
    port.display_name = "Events Out";
    port.type = ARR_PORT_TYPE_EVENT;
    port.role = ARR_PORT_ROLE_OUTPUT;
    return std::vector{port};
  }();
  return ports;
}

// Reads the params of one node: config values for the instance, base values once its ports are known.
class NodeReader {
 public:
  NodeReader(const Node &node, std::size_t index, const Reuse &reuse, std::vector<Warning> &warnings)
      : node_(node), index_(index), reuse_(reuse), warnings_(warnings) {}

  Result<ResolvedNode> read() {
    ResolvedNode out{&node_, nullptr, {}, node_.params};
    if (node_.id.empty())
      return fail(Code::invalid_request, "Expected id to name the node but it is empty",
                  format("/nodes/{}/id", index_));
    if (node_.isolated && (node_.type == track_source_type || node_.type == audio_input_type))
      return fail(Code::invalid_request, format("Expected isolated to be false; '{}' is no plugin", node_.type),
                  format("/nodes/{}/isolated", index_));
    if (node_.type == track_source_type) return out;
    const auto id = plugin_id_of(node_.type);
    auto entry = Registry::instance().find(id);
    if (!entry) entry = node_.stand_in;
    if (!entry) return unknown_type(id);
    std::vector<ConfigSetting> config;
    for (auto &[key, value] : out.params)
      if (auto done = read_config(entry->descriptor, key, value, config); !done) return std::unexpected(done.error());
    std::ranges::sort(config, {}, &ConfigSetting::id);
    auto running = reuse_ ? reuse_(index_) : nullptr;
    if (running && is_same(*running, entry, config)) {
      out.instance = std::move(running);
    } else {
      auto instance = node_.isolated && entry != node_.stand_in ? Instance::create_isolated(entry, config)
                                                                : Instance::create(entry, config);
      if (!instance) {
        instance.error().path = format("/nodes/{}", index_);
        return std::unexpected(instance.error());
      }
      out.instance = std::move(*instance);
    }
    read_parameters(entry->descriptor, out);
    return out;
  }

 private:
  bool is_same(const Instance &running, const std::shared_ptr<const PluginEntry> &entry,
               const std::vector<ConfigSetting> &config) const {
    // One whose process has failed stays, silent, until it is renewed by name: other edits have nothing to do with it.
    return running.shared_entry() == entry && running.config() == config &&
           (node_.isolated && entry != node_.stand_in) == (running.isolated() != nullptr);
  }

  // A misspelled short name is nearest to a short name.
  std::unexpected<Error> unknown_type(std::string_view id) const {
    const std::string path = format("/nodes/{}/type", index_);
    const std::string hint = nearest_hint(node_.type, type_aliases());
    if (hint.empty()) return std::unexpected(Registry::instance().unknown(id, path));
    return fail(Code::unknown_plugin, format("There is no plugin '{}'{}", node_.type, hint), path);
  }

  void warn(std::string_view code, std::string_view key, std::string message) {
    warnings_.push_back(
        {std::string(code), format("/nodes/{}/params/{}", index_, pointer_token(key)), std::move(message)});
  }

  // Settles a number in place, so that the description shows what is in force.
  void settle(const std::string &key, double &value, double wanted) {
    if (wanted == value) return;
    warn("out_of_range", key, format("{} is {}, taken as {}", key, value, wanted));
    value = wanted;
  }

  Result<void> read_config(const Descriptor &descriptor, const std::string &key, ParamValue &value,
                           std::vector<ConfigSetting> &out) {
    const auto &configs = descriptor.config_params;
    const auto found = std::find_if(configs.begin(), configs.end(), [&](auto &config) { return config.id == key; });
    if (found == configs.end()) return {};
    if (found->is_number() != std::holds_alternative<double>(value))
      return fail(Code::type_mismatch,
                  format("Expected {} to be {} but received {}", key, found->is_number() ? "a number" : "a string",
                         found->is_number() ? "a string" : "a number"),
                  format("/nodes/{}/params/{}", index_, pointer_token(key)));
    if (found->type == ARR_CONFIG_TYPE_FILEPATH) {
      const auto &path = std::get<std::string>(value);
      if (!path.empty() && kind_of_file(from_utf8(path)) != FileKind::regular)
        return fail(Code::io_error, format("Expected {} to name a file but there is none at '{}'", key, path),
                    format("/nodes/{}/params/{}", index_, pointer_token(key)));
    }
    if (double *number = std::get_if<double>(&value)) {
      double wanted = found->type == ARR_CONFIG_TYPE_INTEGER ? std::round(*number) : *number;
      if (found->min < found->max) wanted = std::clamp(wanted, found->min, found->max);
      settle(key, *number, wanted);
    }
    out.push_back({key, value});
    return {};
  }

  void read_parameters(const Descriptor &descriptor, ResolvedNode &out) {
    const auto &ports = out.instance->ports();
    for (const Port &port : ports) out.base_values.push_back(port.is_parameter() ? port.default_value : 0);
    for (auto &[key, value] : out.params) {
      const int position = find_parameter(ports, param_id_of(descriptor.id, key));
      double *number = std::get_if<double>(&value);
      if (position >= 0 && number) {
        const Port &port = ports[static_cast<std::size_t>(position)];
        settle(key, *number, std::clamp(*number, port.min, port.max));
        out.base_values[static_cast<std::size_t>(position)] = *number;
        continue;
      }
      if (position >= 0) {
        warn("type_mismatch", key, format("Expected {} to be a number but received a string; its default holds", key));
        continue;
      }
      const bool is_config = std::any_of(descriptor.config_params.begin(), descriptor.config_params.end(),
                                         [&](auto &config) { return config.id == key; });
      if (is_config) continue;
      std::vector<std::string> known;
      for (const Port &port : ports)
        if (port.is_parameter()) known.push_back(port.id);
      warn("unknown_param", key, format("{} has no parameter '{}'{}", descriptor.id, key, nearest_hint(key, known)));
    }
  }

  const Node &node_;
  std::size_t index_;
  const Reuse &reuse_;
  std::vector<Warning> &warnings_;
};

struct PortRef {
  int port = -1;
  int channel = 0;
  int channels = 0;
};

PortRef whole(const std::vector<Port> &ports, int index) {
  return {index, 0, ports[static_cast<std::size_t>(index)].channels()};
}

// A monitor is shown to people; nothing can be connected to it.
bool connects(const Port &port, bool output) { return port.is_output() == output && !port.is_monitor(); }

int find_id(const std::vector<Port> &ports, std::string_view id, bool output) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].id == id && connects(ports[i], output)) return static_cast<int>(i);
  return -1;
}

// A stereo port `x` answers to `x`, `x_L` and `x_R`; a numbered one, `x_3`, also to `x_L_3` and `x_R_3`.
PortRef find_spelling(const std::vector<Port> &ports, std::string_view id, bool output) {
  if (const int index = find_id(ports, id, output); index >= 0) return whole(ports, index);
  for (const auto &[tag, channel] : {std::pair{std::string_view("_L"), 0}, std::pair{std::string_view("_R"), 1}}) {
    const std::size_t at = id.rfind(tag);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = id.substr(at + tag.size());
    if (!rest.empty() && rest.front() != '_') continue;
    const int index = find_id(ports, std::string(id.substr(0, at)) + std::string(rest), output);
    if (index >= 0 && ports[static_cast<std::size_t>(index)].type == ARR_PORT_TYPE_AUDIO_STEREO)
      return {index, channel, 1};
  }
  return {};
}

class ConnectionReader {
 public:
  ConnectionReader(const ResolvedGraph &graph, const std::unordered_map<std::string_view, int> &ids)
      : graph_(graph), ids_(ids) {}

  Result<ResolvedConnection> read(const Connection &connection, std::size_t index) {
    index_ = index;
    const auto from = node(connection.from_node, "from_node");
    if (!from) return std::unexpected(from.error());
    const auto to = node(connection.to_node, "to_node");
    if (!to) return std::unexpected(to.error());
    const ResolvedNode &source = graph_.nodes[static_cast<std::size_t>(*from)];
    const ResolvedNode &target = graph_.nodes[static_cast<std::size_t>(*to)];

    // Events of a track source find their way whatever the ports are called: old clients send any names.
    if (source.is_track_source()) {
      const auto &ports = target.ports();
      for (std::size_t i = 0; i < ports.size(); ++i)
        if (ports[i].is_event() && ports[i].is_input())
          return ResolvedConnection{*from, 0, 0, *to, static_cast<int>(i), 0, 0, 0, &connection};
      return fail(Code::type_mismatch,
                  format("Expected '{}' to take events from '{}' but it has no event input", connection.to_node,
                         connection.from_node),
                  path("to_node"));
    }
    const auto from_port = port(source, connection.from_port, true, "from_port");
    if (!from_port) return std::unexpected(from_port.error());
    const auto to_port = port(target, connection.to_port, false, "to_port");
    if (!to_port) return std::unexpected(to_port.error());
    const Port &out = source.ports()[static_cast<std::size_t>(from_port->port)];
    const Port &in = target.ports()[static_cast<std::size_t>(to_port->port)];
    if (kind(out) != kind(in))
      return fail(Code::type_mismatch,
                  format("Expected '{}' to be of type {} like '{}' but it is {}", in.id, kind(out), out.id, kind(in)),
                  path("to_port"));
    return ResolvedConnection{*from,         from_port->port,  from_port->channel,  *to,
                              to_port->port, to_port->channel, from_port->channels, to_port->channels,
                              &connection};
  }

 private:
  static std::string_view kind(const Port &port) {
    return port.is_event() ? "event" : port.is_control() ? "control" : "audio";
  }
  std::string path(std::string_view field) const { return format("/connections/{}/{}", index_, field); }

  Result<int> node(const std::string &id, std::string_view field) const {
    if (const auto found = ids_.find(id); found != ids_.end()) return found->second;
    std::vector<std::string_view> known;
    for (const auto &[name, position] : ids_) known.push_back(name);
    return fail(Code::unknown_node, format("No node '{}'{}", id, nearest_hint(id, known)), path(field));
  }

  Result<PortRef> port(const ResolvedNode &node, const std::string &id, bool output, std::string_view field) const {
    if (const PortRef found = find_spelling(node.ports(), id, output); found.port >= 0) return found;
    std::vector<std::string> known;
    for (const Port &port : node.ports())
      if (connects(port, output)) known.push_back(port.id);
    return fail(Code::unknown_port,
                format("{} has no {} port '{}'{}", node.description->type, output ? "output" : "input", id,
                       nearest_hint(id, known)),
                path(field));
  }

  const ResolvedGraph &graph_;
  const std::unordered_map<std::string_view, int> &ids_;
  std::size_t index_ = 0;
};

// A control input has one base: two `set` sources would leave it to chance which one rules.
Result<void> check_control_sources(const ResolvedGraph &graph) {
  std::unordered_map<std::uint64_t, std::size_t> seen;
  for (std::size_t i = 0; i < graph.connections.size(); ++i) {
    const ResolvedConnection &connection = graph.connections[i];
    const auto &ports = graph.nodes[static_cast<std::size_t>(connection.to_node)].ports();
    if (!ports[static_cast<std::size_t>(connection.to_port)].is_control()) continue;
    if (connection.description->mode != ControlMode::set) continue;
    const auto key = std::uint64_t(unsigned(connection.to_node)) << 32 | unsigned(connection.to_port);
    if (const auto [place, fresh] = seen.try_emplace(key, i); !fresh)
      return fail(Code::duplicate_connection,
                  format("Expected one 'set' source for '{}' of '{}' but connection {} is one already",
                         connection.description->to_port, connection.description->to_node, place->second),
                  format("/connections/{}", i));
  }
  return {};
}

// A running instance was told its input_delay when it was activated.
Result<void> renew_delayed(ResolvedGraph &graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    ResolvedNode &node = graph.nodes[i];
    if (!node.instance || !node.instance->is_active() || node.instance->input_delay() == node.input_delay) continue;
    const auto &entry = node.instance->shared_entry();
    const auto &config = node.instance->config();
    auto instance =
        node.instance->isolated() ? Instance::create_isolated(entry, config) : Instance::create(entry, config);
    if (!instance) {
      instance.error().path = format("/nodes/{}", i);
      return std::unexpected(instance.error());
    }
    node.instance = std::move(*instance);
  }
  return {};
}

bool has_audio_output(const ResolvedNode &node) {
  return std::any_of(node.ports().begin(), node.ports().end(),
                     [](const Port &port) { return port.is_audio() && port.is_output(); });
}

Result<int> find_master(const ResolvedGraph &graph) {
  if (graph.nodes.empty()) return -1;
  for (int by_id = 1; by_id >= 0; --by_id)
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const ResolvedNode &node = graph.nodes[i];
      if (node.is_track_source() || !has_audio_output(node)) continue;
      const bool fits =
          by_id ? node.description->id == master_id : node.instance->entry().descriptor.category == ARR_CATEGORY_OUTPUT;
      if (fits) return static_cast<int>(i);
    }
  return fail(Code::no_master,
              format("Expected a node '{}' with an audio output, or one of category Output, but "
                     "none of {} nodes is one",
                     master_id, graph.nodes.size()),
              "/nodes");
}

}  // namespace

const std::vector<Port> &ResolvedNode::ports() const { return instance ? instance->ports() : track_source_ports(); }

std::string_view plugin_id_of(std::string_view type) {
  for (const Alias &alias : aliases)
    if (alias.name == type) return alias.plugin;
  return type;
}

std::string_view param_id_of(std::string_view plugin, std::string_view param) {
  for (const ParamAlias &alias : param_aliases)
    if (alias.plugin == plugin && alias.name == param) return alias.param;
  return param;
}

std::vector<std::string> type_aliases() {
  std::vector<std::string> out{track_source_type, audio_input_type};
  for (const Alias &alias : aliases) out.emplace_back(alias.name);
  return out;
}

int find_parameter(const std::vector<Port> &ports, std::string_view id) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].is_parameter() && ports[i].id == id) return static_cast<int>(i);
  return -1;
}

Result<ResolvedGraph> resolve(const Graph &graph, const Reuse &reuse) {
  ResolvedGraph out;
  std::unordered_map<std::string_view, int> ids;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node &node = graph.nodes[i];
    if (!ids.try_emplace(node.id, static_cast<int>(i)).second)
      return fail(Code::duplicate_id, format("Expected each node id once but '{}' occurs again", node.id),
                  format("/nodes/{}/id", i));
    auto resolved = NodeReader(node, i, reuse, out.warnings).read();
    if (!resolved) return std::unexpected(resolved.error());
    out.nodes.push_back(std::move(*resolved));
  }
  ConnectionReader reader(out, ids);
  for (std::size_t i = 0; i < graph.connections.size(); ++i) {
    auto resolved = reader.read(graph.connections[i], i);
    if (!resolved) return std::unexpected(resolved.error());
    out.connections.push_back(*resolved);
  }
  if (auto done = check_control_sources(out); !done) return std::unexpected(done.error());
  auto master = find_master(out);
  if (!master) return std::unexpected(master.error());
  out.master = *master;
  break_cycles(out);
  auto order = processing_order(out);
  if (!order) return std::unexpected(order.error());
  out.order = std::move(*order);
  if (auto done = renew_delayed(out); !done) return std::unexpected(done.error());
  return out;
}

}  // namespace arranger
