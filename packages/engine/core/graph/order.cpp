// SPDX-License-Identifier: MIT
#include "graph/order.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "graph/incoming.hpp"

namespace arranger {
namespace {

enum class Mark : char { fresh, open, done };

struct Visit {
  int node;
  std::size_t next = 0;  // among its sources
};

// The cycle that closes at `node`, as text: a -> b -> a.
Error cycle_error(const ResolvedGraph &graph, const std::vector<Visit> &stack, int node) {
  const auto id = [&](int position) { return *graph.nodes[static_cast<std::size_t>(position)].id; };
  std::string path = id(node);
  for (auto visit = stack.rbegin(); visit != stack.rend(); ++visit) {
    path += " -> " + id(visit->node);
    if (visit->node == node) break;
  }
  return {Code::cycle, format("Expected no cycle without a delay of at least 64 frames but found {}", path),
          "/connections"};
}

}  // namespace

Result<std::vector<int>> processing_order(const ResolvedGraph &graph) {
  const Incoming incoming(graph);
  std::vector<Mark> marks(graph.nodes.size(), Mark::fresh);
  std::vector<int> order;
  order.reserve(graph.nodes.size());
  std::vector<Visit> stack;  // not recursion: a chain of ten thousand nodes is an ordinary graph
  const auto finish_from = [&](int start) -> Result<void> {
    if (marks[static_cast<std::size_t>(start)] != Mark::fresh) return {};
    stack.push_back({start});
    marks[static_cast<std::size_t>(start)] = Mark::open;
    while (!stack.empty()) {
      Visit &visit = stack.back();
      const auto feeds = incoming.of(visit.node);
      if (visit.next == feeds.size()) {
        marks[static_cast<std::size_t>(visit.node)] = Mark::done;
        order.push_back(visit.node);
        stack.pop_back();
        continue;
      }
      const ResolvedConnection &feed = graph.connections[feeds[visit.next++]];
      if (feed.cut) continue;
      const int source = feed.from_node;
      Mark &mark = marks[static_cast<std::size_t>(source)];
      if (mark == Mark::open) return std::unexpected(cycle_error(graph, stack, source));
      if (mark == Mark::done) continue;
      mark = Mark::open;
      stack.push_back({source});
    }
    return {};
  };
  if (graph.master >= 0)
    if (auto done = finish_from(graph.master); !done) return std::unexpected(done.error());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (auto done = finish_from(static_cast<int>(i)); !done) return std::unexpected(done.error());
  return order;
}

}  // namespace arranger
