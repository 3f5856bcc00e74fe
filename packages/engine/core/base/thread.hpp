// SPDX-License-Identifier: MIT
// Threads and what they exclude each other with. The rest of the core names these, not the standard library's: a WebAssembly
// module has one thread and no such types. Threads may also fail to start elsewhere: a limit on processes must become an
// answer, not an abort.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>

#if !defined(__wasm__)
#include <condition_variable>
#include <shared_mutex>
#include <thread>
#endif

namespace arranger {

#if defined(__wasm__)
inline constexpr bool has_threads = false;

// One thread: there is nobody to exclude.
class Mutex {
 public:
  void lock() {}
  bool try_lock() { return true; }
  void unlock() {}
};
using SharedMutex = Mutex;
using SharedLock = std::lock_guard<Mutex>;

// Nobody will notify: whoever waits here has looked for what only another thread could do.
class Condition {
 public:
  void notify_one() {}
  void notify_all() {}
  template <class Predicate>
  void wait(std::unique_lock<Mutex> &, Predicate) {}
  template <class Period, class Predicate>
  bool wait_for(std::unique_lock<Mutex> &, Period, Predicate done) {
    return done();
  }
};

class Thread {
 public:
  bool joinable() const { return false; }
  void join() {}
  void detach() {}
  static unsigned hardware_concurrency() { return 1; }
};
#else
inline constexpr bool has_threads = true;
using Mutex = std::mutex;
using SharedMutex = std::shared_mutex;
using SharedLock = std::shared_lock<SharedMutex>;
using Condition = std::condition_variable;
using Thread = std::thread;
#endif

// A thread that is not running yet answers false to joinable(): the system gave none.
Thread start_thread(std::function<void()> run);

// The calling thread stands still. Returns at once where there is only one thread.
void sleep_for(std::chrono::nanoseconds time);
// Lets another thread go first.
void yield_thread();

// The code we are part of stays in memory until the process ends: a thread that nobody waits for may still run it when
// the addon is given up. Any thread.
void stay_loaded();

// Lets the calling thread run before others where the system allows that; a refusal is normal.
void ask_for_priority();

}  // namespace arranger
