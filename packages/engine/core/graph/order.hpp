// SPDX-License-Identifier: MIT
// The order in which nodes are processed.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "graph/resolve.hpp"

namespace arranger {

// Node positions, each after all that feeds it but for cut connections: depth first from the master along its
// connections, so that a branch is finished while its buffers are still in the cache; then what does not reach the
// master. Error: cycle, with the path of node ids. [control]
Result<std::vector<int>> processing_order(const ResolvedGraph &graph);

}  // namespace arranger
