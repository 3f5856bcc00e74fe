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

// By position in the graph; nodes of one plugin share theirs.
class NodeInfos {
 public:
  NodeInfos() = default;
  explicit NodeInfos(const ResolvedGraph &resolved);
  const NodeInfo &operator[](std::size_t node) const { return *infos_[node]; }
  std::size_t size() const { return infos_.size(); }
  const NameIndex &names() const { return *names_; }

 private:
  std::vector<std::shared_ptr<const NodeInfo>> infos_;
  std::shared_ptr<const NameIndex> names_ = std::make_shared<NameIndex>();
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
  std::shared_ptr<const NodeInfos> info = std::make_shared<NodeInfos>();
  std::shared_ptr<const Schedule> schedule = std::make_shared<Schedule>();
  double bpm = 120;
  LoopBeats loop;

  // Of a node in the graph; -1: there is none.
  std::int64_t position(std::string_view id) const;
  // By node of another graph, which most often has its nodes where this one has them.
  std::vector<std::int64_t> positions(const Graph &other) const;
  // Error: unknown_node, with the nearest id.
  Result<std::size_t> find_node(std::string_view id, std::string_view path) const;
  // The base value of a parameter; its default where the graph does not say. `port` is a position in info.
  double base_value(std::size_t node, std::size_t port) const;
};

// Copies the graph only when somebody else looks at it.
Graph &writable(std::shared_ptr<const Graph> &graph);

// The value that a node's params give to a parameter, or its default.
double base_value(const Node &node, const Port &parameter);

// Sets or adds an entry of params.
void assign(Node &node, const std::string &key, ParamValue value);

}  // namespace arranger
