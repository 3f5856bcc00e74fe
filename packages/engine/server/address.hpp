// SPDX-License-Identifier: MIT
// Where a server listens.
#pragma once

#include <string>

namespace arranger::server {

// The address that clients try when none is named: $XDG_RUNTIME_DIR/arranger.sock, else /tmp/audio_server.sock; on Windows
// the pipe \\.\pipe\AudioServer.
std::string default_address();

}  // namespace arranger::server
