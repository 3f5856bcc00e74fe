// SPDX-License-Identifier: MIT
// Compiled with exceptions: std::thread has no other way to say that there is none.
#include "base/thread.hpp"

#include <system_error>
#include <utility>

namespace arranger {

std::thread start_thread(std::function<void()> run) {
  try {
    return std::thread(std::move(run));
  } catch (const std::system_error &) {
    return {};
  }
}

}  // namespace arranger
