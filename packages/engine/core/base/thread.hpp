// SPDX-License-Identifier: MIT
// Threads that may fail to start: a limit on processes must become an answer, not an abort.
#pragma once

#include <functional>
#include <thread>

namespace arranger {

// A thread that is not running yet answers false to joinable(): the system gave none.
std::thread start_thread(std::function<void()> run);

}  // namespace arranger
