// SPDX-License-Identifier: MIT
// Parameters that a plugin has renamed or rescaled since a session was made: its declared migrations, applied.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "transport/schedule.hpp"

namespace arranger {

// A parameter of a node under its old name: now = offset + scale * before.
struct Rename {
  std::string node, from, to;
  double scale = 1, offset = 0;
};

// What a rename makes of a node's params. [control]
void apply(const Rename &rename, Node &node);

// Brings nodes that an older version of their plugin has described, and connections to their parameters, up to the versions
// that are loaded. What was done comes back in its order. A node without plugin_version is of the loaded one. [control]
std::vector<Rename> migrate(Graph &graph);

// The same for the events of a schedule; nothing when none of them is meant. [control]
std::optional<Schedule> migrate(const Schedule &schedule, std::span<const Rename> renames);

}  // namespace arranger
