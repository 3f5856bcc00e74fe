// SPDX-License-Identifier: MIT
// POSIX: a path as sockets are given it.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "base/error.hpp"
#include "base/format.hpp"

namespace arranger::server {

class SocketName {
 public:
  explicit SocketName(const std::string &path) {
    name_.sun_family = AF_UNIX;
    std::memcpy(name_.sun_path, path.data(), path.size());
  }
  const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&name_); }
  static socklen_t size() { return sizeof(sockaddr_un); }

 private:
  sockaddr_un name_{};
};

// Error: out_of_range when the system takes no path that long.
inline Result<SocketName> socket_name(const std::string &path) {
  constexpr std::size_t most = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path.size() > most)
    return fail(Code::out_of_range,
                format("Expected the path of a socket to have 1 to {} bytes but it has {}", most, path.size()));
  return SocketName(path);
}

}  // namespace arranger::server
