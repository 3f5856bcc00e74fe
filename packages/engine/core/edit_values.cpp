// SPDX-License-Identifier: MIT
// The step of an edit that gives nodes other values and leaves the graph as it is.
#include <algorithm>

#include "base/file.hpp"
#include "edit.hpp"
#include "engine.hpp"
#include "graph_change.hpp"

namespace arranger {
namespace {

using ParamEntry = std::pair<std::string, ParamValue>;

bool takes(const NodeInfo &info, const ParamEntry &param) {
  const int port = find_parameter(info.ports, param.first);
  if (port < 0) return std::ranges::find(info.config_params, param.first, &ConfigParam::id) != info.config_params.end();
  const Port &found = info.ports[static_cast<std::size_t>(port)];
  const double *const number = std::get_if<double>(&param.second);
  return number && *number >= found.min && *number <= found.max;
}

// Whether it says of a node what its description does, but for numbers that need no word about them.
bool is_same_but_values(const Node &node, const Node &old, const NodeInfo &info) {
  return node.id == old.id && node.type == old.type && node.plugin_version == 0 && !node.state && !old.stand_in &&
         is_same_plugin(node, old, info.config_params) &&
         std::ranges::all_of(node.params, [&](const ParamEntry &param) { return takes(info, param); });
}

// A file that a node names may have gone since.
bool are_files_there(const Node &node, const NodeInfo &info) {
  return std::ranges::all_of(info.config_params, [&](const ConfigParam &config) {
    if (config.type != ARR_CONFIG_TYPE_FILEPATH) return true;
    const auto named = std::ranges::find(node.params, config.id, &ParamEntry::first);
    const auto *const path = named == node.params.end() ? nullptr : std::get_if<std::string>(&named->second);
    return !path || path->empty() || kind_of_file(from_utf8(*path)) == FileKind::regular;
  });
}

}  // namespace

std::optional<GraphChange> Edit::set_values(const std::vector<std::pair<std::size_t, Node>> &nodes,
                                            std::optional<double> bpm) {
  settle();
  const Graph &graph = *model_.graph;
  for (const auto &[i, node] : nodes)
    if (!is_same_but_values(node, graph.nodes[i], (*model_.info)[i])) return {};
  GraphChange out;
  out.kept.reserve(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!are_files_there(graph.nodes[i], (*model_.info)[i])) return {};
    out.kept.push_back(graph.nodes[i].id);
  }
  std::vector<ParamTarget> values;
  for (const auto &[i, node] : nodes) {
    if (!live_) break;
    const auto &ports = (*model_.info)[i].ports;
    for (std::size_t p = 0; p < ports.size(); ++p) {
      if (!ports[p].is_parameter()) continue;
      const double value = base_value(node, ports[p]);
      if (value != model_.base_value(i, p))
        values.push_back({static_cast<std::uint32_t>(plan().param_target(node.id, ports[p].id)), value});
    }
  }
  change_later([nodes](Model &model) {
    for (const auto &[i, node] : nodes) writable(model.graph).nodes[i].params = node.params;
  });
  if (live_) play_values(std::move(values));
  if (bpm && *bpm != model_.bpm) set_bpm(*bpm);
  return out;
}

// The plan stays. What the schedule moves begins from what the model has, which costs a copy of it.
void Edit::play_values(std::vector<ParamTarget> values) {
  if (!score_->timeline.params.empty()) settle();
  if (!follows_) running_.forget_crossing(live_->player().position().steady_frame);
  follows_ = true;
  auto made = std::make_unique<PlanChange>();
  made->course = make_course(model_, plan(), score_);
  made->course->first_note_id = first_note_id_;
  made->values = std::move(values);
  send([made = std::move(made)](SessionRenderer &renderer) mutable { renderer.replace_plan(std::move(made)); });
}

}  // namespace arranger
