// SPDX-License-Identifier: MIT
#include "graph/cycles.hpp"

#include <algorithm>

#include "graph/incoming.hpp"

namespace arranger {
namespace {

// Walks from nodes to their sources with a stack of its own: a chain of ten thousand nodes is an ordinary graph. A
// component is closed after all that feeds it, so the numbers ascend from the sources on.
class Components {
 public:
  explicit Components(const ResolvedGraph &graph)
      : graph_(graph),
        incoming_(graph),
        index_(graph.nodes.size(), -1),
        low_(graph.nodes.size()),
        component_(graph.nodes.size(), -1) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
      if (index_[i] < 0) walk(static_cast<int>(i));
  }
  int of(std::size_t node) const { return component_[node]; }

 private:
  struct Visit {
    int node;
    std::size_t next = 0;  // among its sources
  };

  void open(int node) {
    index_[std::size_t(node)] = low_[std::size_t(node)] = opened_++;
    visits_.push_back({node});
    unassigned_.push_back(node);
  }

  void walk(int start) {
    open(start);
    while (!visits_.empty()) {
      const int node = visits_.back().node;
      const auto sources = incoming_.of(node);
      if (visits_.back().next < sources.size()) {
        const int source = graph_.connections[sources[visits_.back().next++]].from_node;
        if (index_[std::size_t(source)] < 0) open(source);
        else if (component_[std::size_t(source)] < 0) lower(node, index_[std::size_t(source)]);
        continue;
      }
      visits_.pop_back();
      if (!visits_.empty()) lower(visits_.back().node, low_[std::size_t(node)]);
      if (low_[std::size_t(node)] == index_[std::size_t(node)]) close(node);
    }
  }

  void lower(int node, int to) { low_[std::size_t(node)] = std::min(low_[std::size_t(node)], to); }

  void close(int root) {
    for (int node = -1; node != root;) {
      node = unassigned_.back();
      unassigned_.pop_back();
      component_[std::size_t(node)] = closed_;
    }
    ++closed_;
  }

  const ResolvedGraph &graph_;
  const Incoming incoming_;
  std::vector<int> index_, low_, component_;
  std::vector<Visit> visits_;
  std::vector<int> unassigned_;
  int opened_ = 0, closed_ = 0;
};

// The input delay of a node that may be inside a cycle, or 0. A port that nobody hears need not declare a delay, but one
// that does is kept in range all the same.
std::int32_t input_delay_of(const std::vector<Port> &ports, const std::vector<char> &connected) {
  std::int32_t least = greatest_input_delay;
  bool any = false;
  for (std::size_t p = 0; p < ports.size(); ++p) {
    const Port &port = ports[p];
    if (!port.is_output() || port.is_monitor()) continue;
    const bool delays = port.delay_frames >= least_feedback_delay;
    if (connected[p] && !delays) return 0;
    if (delays) least = std::min(least, port.delay_frames);
    any = any || connected[p];
  }
  return any ? least : 0;
}

}  // namespace

void break_cycles(ResolvedGraph &graph) {
  const Components components(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) graph.nodes[i].component = components.of(i);
  const auto closes = [&](const ResolvedConnection &connection) {
    return graph.nodes[std::size_t(connection.to_node)].component ==
           graph.nodes[std::size_t(connection.from_node)].component;
  };
  if (std::ranges::none_of(graph.connections, closes)) return;

  std::vector<std::vector<char>> connected(graph.nodes.size());  // by node and port, of those that could be cut
  for (const ResolvedConnection &connection : graph.connections) {
    auto &ports = connected[std::size_t(connection.from_node)];
    ports.resize(graph.nodes[std::size_t(connection.from_node)].ports().size());
    ports[std::size_t(connection.from_port)] = 1;
  }
  for (ResolvedConnection &connection : graph.connections) {
    ResolvedNode &target = graph.nodes[std::size_t(connection.to_node)];
    if (!closes(connection)) continue;
    if (!target.ports()[std::size_t(connection.to_port)].is_audio()) continue;
    const std::int32_t delay = input_delay_of(target.ports(), connected[std::size_t(connection.to_node)]);
    if (delay == 0) continue;
    connection.cut = true;
    target.input_delay = delay;
  }
}

}  // namespace arranger
