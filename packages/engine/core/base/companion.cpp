// SPDX-License-Identifier: MIT
// What is the same on every system; companion_posix.cpp and companion_windows.cpp have the rest.
#include "base/companion.hpp"

#include "base/child_process.hpp"

namespace arranger {

Companion::~Companion() {
  kill();
  if (thread_.joinable()) thread_.join();
}

void Companion::watch() {
  wait_for_child();
  {
    const std::lock_guard lock(mutex_);
    ended_.store(true, std::memory_order_release);
  }
  changed_.notify_all();
  on_end_();
}

bool Companion::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return has_ended(); });
}

bool Companion::has_crashed() const {
  const std::lock_guard lock(mutex_);
  return signal_ != 0 || exit_code_ >= 0xC0000000u;
}

std::string Companion::end() const {
  const std::lock_guard lock(mutex_);
  if (signal_ != 0) return signal_name(signal_);
  return (exit_code_ >= 0xC0000000u ? "exception " : "exit code ") + std::to_string(exit_code_);
}

}  // namespace arranger
