// SPDX-License-Identifier: MIT
// The ports that connections name, under all their spellings.
#pragma once

#include "graph/resolve.hpp"

namespace arranger {

// Fills `out.connections`; its nodes and their names are there. Errors: as of resolve. [control]
Result<void> resolve_connections(const Graph &graph, ResolvedGraph &out);

}  // namespace arranger
