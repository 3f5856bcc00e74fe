// SPDX-License-Identifier: MIT
// What feeds each node of a graph.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/resolve.hpp"

namespace arranger {

// Connections by the node that they go to, in their own order: positions in one array.
class Incoming {
 public:
  explicit Incoming(const ResolvedGraph &graph)
      : first_(graph.nodes.size() + 1), connections_(graph.connections.size()) {
    for (const ResolvedConnection &connection : graph.connections) ++first_[std::size_t(connection.to_node) + 1];
    for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
    std::vector<std::uint32_t> next(first_);
    for (std::uint32_t i = 0; i < connections_.size(); ++i)
      connections_[next[std::size_t(graph.connections[i].to_node)]++] = i;
  }
  std::span<const std::uint32_t> of(int node) const {
    const auto at = std::size_t(node);
    return std::span(connections_).subspan(first_[at], first_[at + 1] - first_[at]);
  }

 private:
  std::vector<std::uint32_t> first_;  // by node
  std::vector<std::uint32_t> connections_;
};

}  // namespace arranger
