// SPDX-License-Identifier: MIT
// POSIX: makes the path of a socket this server's alone, against other servers and against other users.
#pragma once

#include <string>

#include "base/error.hpp"
#include "wake_pipe.hpp"

namespace arranger::server {

class Claim {
 public:
  // The directory is made where it is missing, and a socket that nobody listens on is removed. Whoever holds the lock
  // beside the socket has the path; of several that try at a moment exactly one gets it.
  // Errors: busy when a server is running; io_error.
  static Result<Claim> take(const std::string &path);
  Claim(Claim &&) = default;
  Claim &operator=(Claim &&) = delete;
  ~Claim();  // removes the lock, and the socket once there is one
  // The socket has been made.
  void add_socket() { has_socket_ = true; }

 private:
  explicit Claim(std::string path) : path_(std::move(path)) {}
  Result<void> lock();

  std::string path_;
  Descriptor lock_;
  bool has_socket_ = false;
};

}  // namespace arranger::server
