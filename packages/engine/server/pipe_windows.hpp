// SPDX-License-Identifier: MIT
// Windows: a client behind a named pipe.
#pragma once

#if defined(_WIN32)
#include <memory>

#include "handle_windows.hpp"
#include "stream.hpp"

namespace arranger::server {

// Null when the system has no more events. `pipe` is connected, and overlapped.
std::shared_ptr<Stream> make_stream(Handle pipe);

}  // namespace arranger::server
#endif
