// SPDX-License-Identifier: MIT
// The graph that plays, as control threads know it: from it the next one is made.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_set>

#include "graph/plan.hpp"

namespace arranger {

// What plays, or will when the messages sent so far are done.
struct Running {
  std::shared_ptr<Plan> plan;                    // the one to stay: whoever addresses something uses its numbers
  std::shared_ptr<const ResolvedGraph> graph;    // of the plan
  std::shared_ptr<Plan> crossing;                // to the plan, as long as it may run; it has the same numbers
  std::shared_ptr<const ResolvedGraph> crossed;  // of the crossing

  // Lets go of a crossing whose fades were over before this steady frame, and of all that left with it.
  void forget_crossing(std::int64_t steady_frame);
  // The ids of nodes that are still fading away; good for as long as the crossing is.
  std::unordered_set<std::string_view> leaving() const;
};

// What plays next: instances that the graph shares with what runs go on, the rest fades. `before`: null when nothing runs.
// Errors: as prepare. [control]
Result<Running> follow(ResolvedGraph next, const PlanOptions &options, const Running *before);

}  // namespace arranger
