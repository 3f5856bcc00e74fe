// SPDX-License-Identifier: MIT
// Threads that may fail to start: a limit on processes must become an answer, not an abort.
#pragma once

#include <functional>
#include <thread>

namespace arranger {

// A thread that is not running yet answers false to joinable(): the system gave none.
std::thread start_thread(std::function<void()> run);

// The code we are part of stays in memory until the process ends: a thread that nobody waits for may still run it when
// the addon is given up. Any thread.
void stay_loaded();

// Lets the calling thread run before others where the system allows that; a refusal is normal.
void ask_for_priority();

}  // namespace arranger
