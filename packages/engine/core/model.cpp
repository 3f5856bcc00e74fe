// SPDX-License-Identifier: MIT
#include "model.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/nearest.hpp"

namespace arranger {

bool NodeInfo::takes_events() const {
  return plugin_id == track_source_type ||
         std::ranges::any_of(ports, [](const Port &port) { return port.is_event() && port.is_input(); });
}

Result<std::size_t> Model::find_node(std::string_view id, std::string_view path) const {
  const auto found = std::ranges::find(graph->nodes, id, &Node::id);
  if (found != graph->nodes.end()) return static_cast<std::size_t>(found - graph->nodes.begin());
  std::vector<std::string_view> known;
  for (const Node &node : graph->nodes) known.push_back(node.id);
  return fail(Code::unknown_node, format("No node '{}'{}", id, nearest_hint(id, known)), std::string(path));
}

double Model::base_value(std::size_t node, std::size_t port) const {
  const Port &described = (*info)[node].ports[port];
  for (const auto &[key, value] : graph->nodes[node].params)
    if (const double *number = std::get_if<double>(&value); number && key == described.id) return *number;
  return described.default_value;
}

Graph &writable(std::shared_ptr<const Graph> &graph) {
  if (graph.use_count() > 1) graph = std::make_shared<Graph>(*graph);
  return const_cast<Graph &>(*graph);  // every Graph in a Model is made as a Graph that is not const
}

void assign(Node &node, const std::string &key, ParamValue value) {
  const auto found =
      std::find_if(node.params.begin(), node.params.end(), [&](auto &param) { return param.first == key; });
  if (found == node.params.end()) node.params.emplace_back(key, std::move(value));
  else found->second = std::move(value);
}

std::vector<NodeInfo> describe(const ResolvedGraph &resolved) {
  std::vector<NodeInfo> out;
  for (const ResolvedNode &node : resolved.nodes) {
    if (node.is_track_source()) out.push_back({track_source_type, node.ports(), {}, 0});
    else
    {
      const PluginEntry &entry = node.instance->entry();
      out.push_back({entry.descriptor.id, node.ports(), entry.descriptor.config_params, entry.generation});
    }
  }
  return out;
}

}  // namespace arranger
