// SPDX-License-Identifier: MIT
#include "address.hpp"

#include <cstdlib>

namespace arranger::server {

std::string default_address() {
#if defined(_WIN32)
  return R"(\\.\pipe\AudioServer)";
#else
  const char *directory = std::getenv("XDG_RUNTIME_DIR");
  return directory && *directory == '/' ? std::string(directory) + "/arranger.sock" : "/tmp/audio_server.sock";
#endif
}

}  // namespace arranger::server
