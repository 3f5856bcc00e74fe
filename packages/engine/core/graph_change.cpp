// SPDX-License-Identifier: MIT
#include "graph_change.hpp"

#include <algorithm>

namespace arranger {
namespace {

using ParamEntry = std::pair<std::string, ParamValue>;

const ParamValue *value_of(const Node &node, std::string_view param) {
  const auto found = std::ranges::find(node.params, param, &ParamEntry::first);
  return found == node.params.end() ? nullptr : &found->second;
}

}  // namespace

bool is_same_plugin(const Node &a, const Node &b, const std::vector<ConfigParam> &configs) {
  if (a.isolated != b.isolated || (a.type != b.type && plugin_id_of(a.type) != plugin_id_of(b.type))) return false;
  return std::ranges::all_of(configs, [&](const ConfigParam &config) {
    const ParamValue *const first = value_of(a, config.id), *const second = value_of(b, config.id);
    return first && second ? *first == *second : first == second;
  });
}

GraphChange compare(const Model &before, const Graph &graph, const NodeInfos &info, const std::vector<char> &fresh,
                    std::span<const std::int64_t> places) {
  GraphChange change;
  change.is_kept.resize(graph.nodes.size());
  std::vector<char> stays(before.graph->nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node &node = graph.nodes[i];
    if (places[i] < 0) {
      change.added.push_back(node.id);
      continue;
    }
    const auto place = static_cast<std::size_t>(places[i]);
    stays[place] = 1;
    const NodeInfo &old_info = (*before.info)[place];
    const auto &configs = info[i].config_params;
    const bool is_same_config = &info[i] == &old_info || configs == old_info.config_params ||
                                is_same_plugin(node, before.graph->nodes[place], old_info.config_params);
    const bool same = is_same_config && is_same_plugin(node, before.graph->nodes[place], configs) &&
                      info[i].generation == old_info.generation && !fresh[i];
    change.is_kept[i] = same;
    (same ? change.kept : change.rebuilt).push_back(node.id);
  }
  for (std::size_t i = 0; i < stays.size(); ++i)
    if (!stays[i]) change.removed.push_back(before.graph->nodes[i].id);
  return change;
}

}  // namespace arranger
