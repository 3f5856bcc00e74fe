// SPDX-License-Identifier: MIT
#include "running.hpp"

#include <algorithm>

#include "graph/crossing.hpp"
#include "graph/renewal.hpp"

namespace arranger {
namespace {

constexpr std::size_t most_taken_over = std::size_t{8} << 20;  // bytes: about a millisecond

// The client's own description goes on to change; of this one only what compiling needs is kept.
std::shared_ptr<PlayedGraph> own(ResolvedGraph graph) {
  auto description = std::make_shared<Graph>();
  for (const ResolvedNode &node : graph.nodes) {
    Node &described = description->nodes.emplace_back();
    described.id = node.description->id;
    described.type = node.description->type;
  }
  for (const ResolvedConnection &connection : graph.connections)
    description->connections.push_back(*connection.description);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) graph.nodes[i].description = &description->nodes[i];
  for (std::size_t i = 0; i < graph.connections.size(); ++i)
    graph.connections[i].description = &description->connections[i];
  auto out = std::make_shared<PlayedGraph>();
  out->descriptions.push_back(std::move(description));
  out->graph = std::move(graph);
  return out;
}

// Null when nothing has to fade.
std::shared_ptr<const PlayedGraph> crossing_of(const PlayedGraph &from, const PlayedGraph &to) {
  auto graph = cross(from.graph, to.graph);
  if (!graph) return nullptr;
  auto out = std::make_shared<PlayedGraph>();
  out->descriptions = to.descriptions;
  out->descriptions.insert(out->descriptions.end(), from.descriptions.begin(), from.descriptions.end());
  out->graph = std::move(*graph);
  return out;
}

}  // namespace

void Running::forget_crossing(std::int64_t steady_frame) {
  if (!crossing || crossing->settles_at() >= steady_frame) return;
  crossing.reset();
  crossed.reset();
}

bool Running::is_leaving(std::string_view node) const {
  return crossed && std::ranges::any_of(crossed->graph.nodes, [&](const ResolvedNode &other) {
           return other.leaving && other.description->id == node;
         });
}

Result<Running> follow(ResolvedGraph next, const PlanOptions &options, const Running *before) {
  if (auto done = prepare(next, options); !done) return std::unexpected(done.error());
  std::size_t copied = 0;
  for (const ResolvedNode &node : next.nodes) {
    if (!node.renewal) continue;
    node.renewal->fit(*node.instance);
    // All of it is copied between two slices, which must not take long.
    if (copied + node.renewal->size() > most_taken_over) node.renewal->give_up();
    copied += node.renewal->size();
  }
  Running out;
  out.graph = own(std::move(next));
  auto plan = Plan::compile(out.graph->graph, options);
  if (!plan) return std::unexpected(plan.error());
  out.plan = std::move(*plan);
  if (!before) return out;

  out.crossed = crossing_of(before->crossed ? *before->crossed : *before->graph, *out.graph);
  Plan *first = out.plan.get();
  if (out.crossed) {
    auto crossing = Plan::compile(out.crossed->graph, options);
    if (!crossing) return std::unexpected(crossing.error());
    out.crossing = std::move(*crossing);
    first = out.crossing.get();
  }
  if (before->crossing) first->prepare_adoption(*before->crossing);
  first->prepare_adoption(*before->plan);
  if (out.crossing) out.plan->prepare_adoption(*out.crossing);
  return out;
}

}  // namespace arranger
