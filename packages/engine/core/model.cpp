// SPDX-License-Identifier: MIT
#include "model.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/format.hpp"
#include "base/nearest.hpp"

namespace arranger {

bool NodeInfo::takes_events() const {
  return plugin_id == track_source_type ||
         std::ranges::any_of(ports, [](const Port &port) { return port.is_event() && port.is_input(); });
}

std::int64_t Model::position(std::string_view id) const {
  return info->names().find(id, [this](std::size_t i) -> std::string_view { return graph->nodes[i].id; });
}

std::vector<std::int64_t> Model::positions(const Graph &other) const {
  std::vector<std::int64_t> out;
  out.reserve(other.nodes.size());
  for (std::size_t i = 0; const Node &node : other.nodes) {
    const bool is_there = i < graph->nodes.size() && graph->nodes[i].id == node.id;
    out.push_back(is_there ? static_cast<std::int64_t>(i) : position(node.id));
    ++i;
  }
  return out;
}

Result<std::size_t> Model::find_node(std::string_view id, std::string_view path) const {
  if (const std::int64_t found = position(id); found >= 0) return static_cast<std::size_t>(found);
  std::vector<std::string_view> known;
  for (const Node &node : graph->nodes) known.push_back(node.id);
  return fail(Code::unknown_node, format("No node '{}'{}", id, nearest_hint(id, known)), std::string(path));
}

double Model::base_value(std::size_t node, std::size_t port) const {
  return arranger::base_value(graph->nodes[node], (*info)[node].ports[port]);
}

double base_value(const Node &node, const Port &parameter) {
  for (const auto &[key, value] : node.params)
    if (const double *number = std::get_if<double>(&value); number && key == parameter.id) return *number;
  return parameter.default_value;
}

Graph &writable(std::shared_ptr<const Graph> &graph) {
  if (graph.use_count() > 1) {
    graph = std::make_shared<Graph>(*graph);
  } else {
    // The count alone does not say that who has let go is done reading before what is written now; to change it does.
    std::shared_ptr<const Graph>(graph).reset();
  }
  return const_cast<Graph &>(*graph);  // every Graph in a Model is made as a Graph that is not const
}

void assign(Node &node, const std::string &key, ParamValue value) {
  const auto found =
      std::find_if(node.params.begin(), node.params.end(), [&](auto &param) { return param.first == key; });
  if (found == node.params.end()) node.params.emplace_back(key, std::move(value));
  else found->second = std::move(value);
}

NodeInfos::NodeInfos(const ResolvedGraph &resolved) : names_(resolved.names) {
  std::unordered_map<const std::vector<Port> *, std::shared_ptr<const NodeInfo>> known;  // by the ports of the plugin
  infos_.reserve(resolved.nodes.size());
  const std::vector<Port> *last = nullptr;
  for (const ResolvedNode &node : resolved.nodes) {
    if (node.port_list == last) {  // so it is in long lists
      infos_.push_back(infos_.back());
      continue;
    }
    last = node.port_list;
    auto &info = known[node.port_list];
    if (!info && node.is_track_source()) {
      info = std::make_shared<const NodeInfo>(NodeInfo{track_source_type, node.ports(), {}, 0});
    } else if (!info) {
      const PluginEntry &entry = node.instance->entry();
      info = std::make_shared<const NodeInfo>(
          NodeInfo{entry.descriptor.id, node.ports(), entry.descriptor.config_params, entry.generation});
    }
    infos_.push_back(info);
  }
}

}  // namespace arranger
