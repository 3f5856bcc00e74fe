// SPDX-License-Identifier: MIT
#include "graph/resolve.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/json_pointer.hpp"
#include "base/nearest.hpp"
#include "graph/connections.hpp"
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

// What the nodes of one graph have in common.
struct Shared {
  const Reuse &reuse;
  const Purpose purpose;
  ResolvedGraph &graph;
  using Entries = std::unordered_map<std::string_view, std::shared_ptr<const PluginEntry>>;
  Entries entries;                            // by type
  const Entries::value_type *last = nullptr;  // of these, that of the node before
  std::unordered_map<const PluginEntry *, std::vector<std::shared_ptr<Instance>>> examples;  // to describe
};

// Reads the params of one node: config values for the instance, base values once its ports are known.
class NodeReader {
 public:
  NodeReader(const Node &node, std::size_t index, Shared &shared)
      : node_(node), index_(index), shared_(shared), warnings_(shared.graph.warnings) {}

  Result<ResolvedNode> read() {
    ResolvedNode out;
    out.port_list = &track_source_ports();
    if (node_.id.empty())
      return fail(Code::invalid_request, "Expected id to name the node but it is empty",
                  format("/nodes/{}/id", index_));
    if (node_.isolated && (node_.type == track_source_type || node_.type == audio_input_type))
      return fail(Code::invalid_request, format("Expected isolated to be false; '{}' is no plugin", node_.type),
                  format("/nodes/{}/isolated", index_));
    if (node_.type != track_source_type)
      if (auto done = read_plugin(out); !done) return std::unexpected(std::move(done.error()));
    out.state = node_.state;
    if (!out.id) out.id = std::make_shared<const std::string>(node_.id);
    return out;
  }

 private:
  Result<void> read_plugin(ResolvedNode &out) {
    std::shared_ptr<const PluginEntry> entry = find_entry();
    if (!entry) entry = node_.stand_in;
    if (!entry) return unknown_type(plugin_id_of(node_.type));
    Reused running = shared_.reuse ? shared_.reuse(index_) : Reused();
    const bool has_config = !entry->descriptor.config_params.empty();
    if (running.same && !has_config && !running.same->is_warned && is_same(*running.instance, entry, {})) {
      out.id = running.same->id;
      out.base_values = running.same->base_values;
      out.set_instance(std::move(running.instance));
      return {};
    }
    std::vector<ConfigSetting> config;
    for (std::size_t i = 0; has_config && i < node_.params.size(); ++i)
      if (auto done = read_config(entry->descriptor, i, config); !done) return done;
    std::ranges::sort(config, {}, &ConfigSetting::id);
    if (!running.instance || !is_same(*running.instance, entry, config)) {
      auto instance = make_instance(entry, config);
      if (!instance) {
        instance.error().path = format("/nodes/{}", index_);
        return std::unexpected(std::move(instance.error()));
      }
      running.instance = std::move(*instance);
    }
    out.set_instance(std::move(running.instance));
    read_parameters(entry->descriptor, out);
    return {};
  }

  const std::shared_ptr<const PluginEntry> &find_entry() {
    if (shared_.last && shared_.last->first == node_.type) return shared_.last->second;
    const auto [known, is_new] = shared_.entries.try_emplace(node_.type);
    if (is_new) known->second = Registry::instance().find(plugin_id_of(node_.type));
    shared_.last = &*known;
    return known->second;
  }

  bool is_isolated(const std::shared_ptr<const PluginEntry> &entry) const {
    return node_.isolated && entry != node_.stand_in;
  }

  bool is_same(const Instance &running, const std::shared_ptr<const PluginEntry> &entry,
               const std::vector<ConfigSetting> &config) const {
    // One whose process has failed stays, silent, until it is renewed by name: other edits have nothing to do with it.
    return running.shared_entry() == entry && running.config() == config &&
           is_isolated(entry) == (running.isolated() != nullptr);
  }

  Result<std::shared_ptr<Instance>> make_instance(const std::shared_ptr<const PluginEntry> &entry,
                                                  const std::vector<ConfigSetting> &config) {
    // A state or a file is tried on an instance of its node's own.
    const bool is_plain = !is_isolated(entry) && !node_.state &&
                          std::ranges::find(entry->descriptor.config_params, ARR_CONFIG_TYPE_FILEPATH,
                                            &ConfigParam::type) == entry->descriptor.config_params.end();
    auto *const examples = shared_.purpose == Purpose::describe && is_plain ? &shared_.examples[entry.get()] : nullptr;
    if (examples)
      if (const auto same = std::ranges::find(*examples, config, &Instance::config); same != examples->end())
        return *same;
    auto made = is_isolated(entry) ? Instance::create_isolated(entry, config) : Instance::create(entry, config);
    if (!made) return std::unexpected(std::move(made.error()));
    std::shared_ptr<Instance> instance = std::move(*made);
    constexpr std::size_t most_examples = 16;  // of one plugin
    if (examples && examples->size() < most_examples) examples->push_back(instance);
    return instance;
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

  // The description is to show what is in force.
  void settle(std::size_t param, double value, double wanted) {
    if (wanted == value) return;
    const std::string &key = node_.params[param].first;
    warn("out_of_range", key, format("{} is {}, taken as {}", key, value, wanted));
    shared_.graph.settled.push_back({index_, param, wanted});
  }

  Result<void> read_config(const Descriptor &descriptor, std::size_t param, std::vector<ConfigSetting> &out) {
    const auto &key = node_.params[param].first;
    ParamValue value = node_.params[param].second;
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
      settle(param, *number, wanted);
      *number = wanted;
    }
    out.push_back({key, std::move(value)});
    return {};
  }

  void read_parameters(const Descriptor &descriptor, ResolvedNode &out) {
    const auto &ports = out.ports();
    const std::size_t warned_before = warnings_.size();
    auto values = std::make_shared<double[]>(ports.size());
    for (std::size_t i = 0; i < ports.size(); ++i) values[i] = ports[i].is_parameter() ? ports[i].default_value : 0;
    for (std::size_t i = 0; i < node_.params.size(); ++i) {
      const auto &[key, value] = node_.params[i];
      const int position = find_parameter(ports, param_id_of(descriptor.id, key));
      const double *number = std::get_if<double>(&value);
      if (position >= 0 && number) {
        const Port &port = ports[static_cast<std::size_t>(position)];
        const double wanted = std::clamp(*number, port.min, port.max);
        settle(i, *number, wanted);
        values[position] = wanted;
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
    out.base_values = std::move(values);
    out.is_warned = warnings_.size() > warned_before;
  }

  const Node &node_;
  std::size_t index_;
  Shared &shared_;
  std::vector<Warning> &warnings_;
};

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
    node.set_instance(std::move(*instance));
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
          by_id ? *node.id == master_id : node.instance->entry().descriptor.category == ARR_CATEGORY_OUTPUT;
      if (fits) return static_cast<int>(i);
    }
  return fail(Code::no_master,
              format("Expected a node '{}' with an audio output, or one of category Output, but "
                     "none of {} nodes is one",
                     master_id, graph.nodes.size()),
              "/nodes");
}

}  // namespace

void ResolvedNode::set_instance(std::shared_ptr<Instance> now) {
  instance = std::move(now);
  port_list = &instance->ports();
}

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

Result<ResolvedGraph> resolve(const Graph &graph, const Reuse &reuse, Purpose purpose) {
  ResolvedGraph out;
  const std::size_t count = graph.nodes.size();
  const auto names = std::make_shared<NameIndex>(count);
  const auto id_of = [&graph](std::size_t i) -> std::string_view { return graph.nodes[i].id; };
  Shared shared{reuse, purpose, out, {}, nullptr, {}};
  out.nodes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Node &node = graph.nodes[i];
    if (names->add(node.id, i, id_of) != i)
      return fail(Code::duplicate_id, format("Expected each node id once but '{}' occurs again", node.id),
                  format("/nodes/{}/id", i));
    auto resolved = NodeReader(node, i, shared).read();
    if (!resolved) return std::unexpected(std::move(resolved.error()));
    out.nodes.push_back(std::move(*resolved));
  }
  out.names = names;
  if (auto done = resolve_connections(graph, out); !done) return std::unexpected(std::move(done.error()));
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
