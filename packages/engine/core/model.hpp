// SPDX-License-Identifier: MIT
// What a session is, as clients describe it. Everything that plays is made from this.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "graph/resolve.hpp"
#include "transport/schedule.hpp"

namespace arranger {

// What is known of a node beside its description.
struct NodeInfo {
  std::string plugin_id;
  std::vector<Port> ports;
  std::vector<ConfigParam> config_params;
  std::int32_t generation = 0;  // of the library

  bool takes_events() const;
};

struct LoopBeats {
  bool enabled = false;
  double start = 0, end = 0;
};

struct PreviewNote {
  std::uint32_t id;
  double velocity;  // 0..1
};

// Notes that clients play beside the schedule, oldest first, by node, channel and key.
using PreviewNotes = std::map<std::tuple<std::string, int, int>, std::vector<PreviewNote>>;

struct Model {
  std::shared_ptr<const Graph> graph = std::make_shared<Graph>();  // its own bpm is empty
  std::shared_ptr<const std::vector<NodeInfo>> info =
      std::make_shared<std::vector<NodeInfo>>();  // by position in graph
  std::shared_ptr<const Schedule> schedule = std::make_shared<Schedule>();
  double bpm = 120;
  LoopBeats loop;

  // Error: unknown_node, with the nearest id.
  Result<std::size_t> find_node(std::string_view id, std::string_view path) const;
  // The base value of a parameter; its default where the graph does not say. `port` is a position in info.
  double base_value(std::size_t node, std::size_t port) const;
};

// Copies the graph only when somebody else looks at it.
Graph &writable(std::shared_ptr<const Graph> &graph);

// Sets or adds an entry of params.
void assign(Node &node, const std::string &key, ParamValue value);

std::vector<NodeInfo> describe(const ResolvedGraph &resolved);

}  // namespace arranger
