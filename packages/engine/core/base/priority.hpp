// SPDX-License-Identifier: MIT
// What the system schedules a thread by, so that those who work for the audio thread are as urgent as it is.
#pragma once

#include <cstdint>

namespace arranger {

struct Priority {
  std::int32_t policy = 0, level = 0;  // POSIX; 0 elsewhere
  bool operator==(const Priority &) const = default;
};

// Of the calling thread. System calls that wait for nothing.
Priority priority_of_thread();
// For the calling thread, where it is that of a real-time thread and the system allows it; else it stays as it is.
void take_priority(Priority priority);

}  // namespace arranger
