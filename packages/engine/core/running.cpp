// SPDX-License-Identifier: MIT
#include "running.hpp"

#include "graph/crossing.hpp"
#include "graph/renewal.hpp"

namespace arranger {
namespace {

constexpr std::size_t most_taken_over = std::size_t{8} << 20;  // bytes: about a millisecond

}  // namespace

void Running::forget_crossing(std::int64_t steady_frame) {
  if (!crossing || crossing->settles_at() >= steady_frame) return;
  crossing.reset();
  crossed.reset();
}

std::unordered_set<std::string_view> Running::leaving() const {
  std::unordered_set<std::string_view> out;
  if (!crossed) return out;
  for (const ResolvedNode &node : crossed->nodes)
    if (node.leaving) out.insert(*node.id);
  return out;
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
  out.graph = std::make_shared<const ResolvedGraph>(std::move(next));
  out.plan = Plan::compile_prepared(*out.graph, options);
  if (!before) return out;

  Plan *first = out.plan.get();
  if (auto crossed = cross(before->crossed ? *before->crossed : *before->graph, *out.graph)) {
    out.crossed = std::make_shared<const ResolvedGraph>(std::move(*crossed));
    out.crossing = Plan::compile_prepared(*out.crossed, options);
    first = out.crossing.get();
  }
  if (before->crossing) first->prepare_adoption(*before->crossing);
  first->prepare_adoption(*before->plan);
  if (out.crossing) out.plan->prepare_adoption(*out.crossing);
  return out;
}

}  // namespace arranger
