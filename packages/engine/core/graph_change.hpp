// SPDX-License-Identifier: MIT
// What one graph is to another.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "edit.hpp"

namespace arranger {

// What decides which instance it is: type, config values and whether it is isolated. Numbers in params may be either; only
// those that a config parameter names count.
bool is_same_plugin(const Node &a, const Node &b, const std::vector<ConfigParam> &configs);

// `fresh`: nodes whose instance is a new one although their description is the same; `places`: before, by node.
GraphChange compare(const Model &before, const Graph &graph, const NodeInfos &info, const std::vector<char> &fresh,
                    std::span<const std::int64_t> places);

}  // namespace arranger
