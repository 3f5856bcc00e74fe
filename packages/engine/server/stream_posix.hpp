// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "stream.hpp"
#include "wake_pipe.hpp"

namespace arranger::server {

// Null when the system has no more descriptors. `socket` must not block.
std::shared_ptr<Stream> make_stream(Descriptor socket);

// What poll takes as its limit, rounded up.
int milliseconds_until(std::optional<Stream::Clock::time_point> until);

}  // namespace arranger::server
