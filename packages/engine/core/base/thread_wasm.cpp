// SPDX-License-Identifier: MIT
// A WebAssembly module has one thread, its host's. Where others would run meanwhile, the host is asked to do what is due.
#include "base/host.hpp"
#include "base/thread.hpp"

namespace arranger {

Thread start_thread(std::function<void()>) { return {}; }
void sleep_for(std::chrono::nanoseconds) { host::while_waiting(); }
void yield_thread() { host::between_blocks(); }
void stay_loaded() {}
void ask_for_priority() {}

}  // namespace arranger

// What the C++ library here lacks: the only thread ends with the module, and nothing is destroyed then.
extern "C" int __cxa_thread_atexit(void (*)(void *), void *, void *) { return 0; }
