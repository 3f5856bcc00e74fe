// SPDX-License-Identifier: MIT
// Calls into C libraries whose assertions would end the process.
#pragma once

#include <type_traits>

namespace arranger {

// Runs the work on this thread; false when it called abort(). Then it was left in the middle: its locks stay held, so
// nothing of it may be used again. The work holds no C++ object with a destructor. Where the system has no signals, abort()
// ends the process as ever. [control]
bool survives_abort(void (*work)(void *), void *argument);

template <class Work>
bool survives_abort(Work &&work) {
  return survives_abort([](void *argument) { (*static_cast<std::remove_reference_t<Work> *>(argument))(); }, &work);
}

}  // namespace arranger
