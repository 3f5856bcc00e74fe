// SPDX-License-Identifier: MIT
// In the place of a plugin whose library was unloaded under a node: the same ports, and silence.
#pragma once

#include <memory>

#include "plugin/registry.hpp"

namespace arranger {

// `descriptor` with the ports that the node has. [control]
std::shared_ptr<const PluginEntry> make_stand_in(Descriptor descriptor);

}  // namespace arranger
