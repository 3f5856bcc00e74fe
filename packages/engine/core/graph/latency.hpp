// SPDX-License-Identifier: MIT
// Latency compensation: what reaches a node on several ways belongs to the same moment.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/resolve.hpp"

namespace arranger {

// Each node waits for the latest of its sources, and earlier ones are delayed until then. A cycle waits as a whole for
// what feeds it from outside, and nothing is delayed inside of it, so that its loop keeps its length; a node with an
// input_delay gets its audio so much later still, which it takes off its own delay. `latencies` is by node, 0 or more.
// [control]
Alignment align(const ResolvedGraph &graph, std::span<const std::int32_t> latencies);

}  // namespace arranger
