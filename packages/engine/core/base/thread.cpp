// SPDX-License-Identifier: MIT
// Compiled with exceptions: std::thread has no other way to say that there is none.
#include "base/thread.hpp"

#include <system_error>
#include <utility>

#include "base/own_path.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <dlfcn.h>
#endif
#if defined(__linux__)
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace arranger {

Thread start_thread(std::function<void()> run) {
  try {
    return Thread(std::move(run));
  } catch (const std::system_error &) {
    return {};
  }
}

void sleep_for(std::chrono::nanoseconds time) { std::this_thread::sleep_for(time); }
void yield_thread() { std::this_thread::yield(); }

void stay_loaded() {
#if defined(_WIN32)
  HMODULE module = nullptr;
  ::GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN, own_path().c_str(), &module);
#else
  ::dlopen(own_path().c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
#endif
}

void ask_for_priority() {
#if defined(__linux__)
  // Not SCHED_FIFO: a graph that takes more than a block's time would leave the processor to nobody else.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), -11);
#elif defined(_WIN32)
  ::SetThreadPriority(::GetCurrentThread(), THREAD_PRIORITY_HIGHEST);
#endif
}

}  // namespace arranger
