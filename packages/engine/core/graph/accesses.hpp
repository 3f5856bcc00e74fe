// SPDX-License-Identifier: MIT
// What a step reads and writes while others may run: from this alone follows which steps may run at once.
#pragma once

#include <functional>
#include <vector>

#include "graph/steps.hpp"
#include "plugin/descriptor.hpp"

namespace arranger {

struct Access {
  const void *what;  // a buffer, an event list, a delay line
  bool writes;
};

// Appends the accesses of a step; `ports` are those of its plugin, if it calls one. Hints go with their buffers. False: it is
// of a kind that is not known here, so nothing may run beside it. [control]
bool add_accesses(const Step &step, const std::vector<Port> *ports, std::vector<Access> &out);

}  // namespace arranger
