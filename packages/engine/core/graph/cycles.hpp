// SPDX-License-Identifier: MIT
// Feedback: which connections close a cycle, and by how many frames they come late instead.
#pragma once

#include "graph/resolve.hpp"

namespace arranger {

inline constexpr std::int32_t least_feedback_delay = 64;
inline constexpr std::int32_t greatest_input_delay = 128;

// Finds the cycles and cuts what may be cut: a connection into an audio input of a node all of whose connected outputs
// declare a delay of at least 64 frames. Such a node gets an input_delay of 64..128 frames, so that the cut connections
// can be read from earlier slices; it takes them off its own delay. Fills `cut` of connections, `component` and
// `input_delay` of nodes. A cycle that is left is found by processing_order. [control]
//
// The components are Tarjan's strongly connected ones (Depth-first search and linear graph algorithms, 1972).
void break_cycles(ResolvedGraph &graph);

}  // namespace arranger
