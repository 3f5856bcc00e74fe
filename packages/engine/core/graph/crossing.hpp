// SPDX-License-Identifier: MIT
// From one graph to the next without a click: for a moment both are played, and what only one of them has fades.
#pragma once

#include <optional>

#include "graph/resolve.hpp"

namespace arranger {

// The graph that plays between `from` and `to`, both prepared, `from` perhaps a crossing itself: the nodes of `to` at their
// positions, behind them those that are leaving; the connections of both. Empty when nothing has to fade.
//
// What goes fades where it reaches what stays. What comes fades in where it is fed by what stays, so that its own memory
// begins without a step; a new node that nothing feeds fades where it is heard. No fade begins before everything new has
// worked off its latency. A connection that would close a loop with what comes is cut at once. [control]
std::optional<ResolvedGraph> cross(const ResolvedGraph &from, const ResolvedGraph &to);

// Whether the nodes, instances and connections of both are the same, and the first one is no crossing: nothing but values of
// parameters may differ. [control]
bool plays_alike(const ResolvedGraph &a, const ResolvedGraph &b);

}  // namespace arranger
