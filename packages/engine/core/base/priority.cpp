// SPDX-License-Identifier: MIT
#include "base/priority.hpp"

#if defined(__linux__)
#include <sched.h>
#endif

namespace arranger {

#if defined(__linux__)

Priority priority_of_thread() {
  sched_param parameters = {};
  const std::int32_t policy = ::sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;  // which some sound servers add
  return {policy, ::sched_getparam(0, &parameters) == 0 ? parameters.sched_priority : 0};
}

void take_priority(Priority priority) {
  sched_param parameters = {};
  parameters.sched_priority = priority.level;
  if (priority.policy == SCHED_FIFO || priority.policy == SCHED_RR)
    ::sched_setscheduler(0, priority.policy, &parameters);
}

#else

Priority priority_of_thread() { return {}; }
void take_priority(Priority) {}

#endif

}  // namespace arranger
