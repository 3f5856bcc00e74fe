// SPDX-License-Identifier: MIT
#include "graph/latency.hpp"

#include <algorithm>

#include "graph/incoming.hpp"

namespace arranger {
namespace {

class Aligner {
 public:
  Aligner(const ResolvedGraph &graph, std::span<const std::int32_t> latencies)
      : graph_(graph), latencies_(latencies), incoming_(graph) {
    out_.input.resize(graph.nodes.size());
    out_.output.resize(graph.nodes.size());
  }

  Alignment run() {
    std::vector<int> nodes = graph_.order;  // and by component: those of a cycle side by side, behind all that feeds it
    const auto by_component = [&](int node) { return component(node); };
    if (!std::ranges::is_sorted(nodes, {}, by_component)) std::ranges::stable_sort(nodes, {}, by_component);
    for (auto first = nodes.begin(); first != nodes.end();) {
      const auto last =
          std::find_if(first, nodes.end(), [&](int node) { return component(node) != component(*first); });
      align_component({first, last});
      first = last;
    }
    out_.delays.reserve(graph_.connections.size());
    for (const ResolvedConnection &connection : graph_.connections) out_.delays.push_back(delay_of(connection));
    return std::move(out_);
  }

 private:
  int component(int node) const { return graph_.nodes[std::size_t(node)].component; }
  bool inside(const ResolvedConnection &connection) const {
    return component(connection.from_node) == component(connection.to_node);
  }

  void align_component(std::span<const int> nodes) {
    std::int64_t outside = 0;
    for (const int node : nodes)
      for (const std::uint32_t i : incoming_.of(node))
        if (const ResolvedConnection &connection = graph_.connections[i]; !inside(connection))
          outside = std::max(outside, out_.output[std::size_t(connection.from_node)]);
    for (const int node : nodes) {
      std::int64_t input = outside;
      for (const std::uint32_t i : incoming_.of(node))
        if (const ResolvedConnection &connection = graph_.connections[i]; inside(connection) && !connection.cut)
          input = std::max(input, out_.output[std::size_t(connection.from_node)]);
      out_.input[std::size_t(node)] = input;
      out_.output[std::size_t(node)] = input + latencies_[std::size_t(node)];
    }
  }

  std::int64_t delay_of(const ResolvedConnection &connection) const {
    const ResolvedNode &target = graph_.nodes[std::size_t(connection.to_node)];
    const std::int64_t late = target.ports()[std::size_t(connection.to_port)].is_audio() ? target.input_delay : 0;
    if (inside(connection)) return late;
    return out_.input[std::size_t(connection.to_node)] - out_.output[std::size_t(connection.from_node)] + late;
  }

  const ResolvedGraph &graph_;
  std::span<const std::int32_t> latencies_;
  const Incoming incoming_;
  Alignment out_;
};

}  // namespace

Alignment align(const ResolvedGraph &graph, std::span<const std::int32_t> latencies) {
  return Aligner(graph, latencies).run();
}

}  // namespace arranger
