// SPDX-License-Identifier: MIT
// Runs the tasks of a plan on several threads: the caller's, and workers that are parked while there is nothing to do.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/real_time.hpp"
#include "graph/tasks.hpp"

namespace arranger {

inline constexpr std::int32_t most_threads = 32;
// How many threads are meant: 0 is as many as the processor has, up to 8. Any thread.
std::int32_t threads_for(std::int32_t wanted);

class Executor {
 public:
  // Live workers run as urgently as the audio thread does. Renders share the processor: all together have no more workers
  // at a time than it has threads left.
  enum class Use : std::uint8_t { live, offline };

  // `threads`: with the caller's, as of threads_for; fewer where the system gives none. [control]
  Executor(std::int32_t threads, Use use);
  ~Executor();
  Executor(const Executor &) = delete;
  Executor &operator=(const Executor &) = delete;

  std::int32_t threads() const { return threads_; }

  struct Work {
    TaskGraph *graph = nullptr;
    void (*run)(void *owner, std::uint32_t task, std::uint32_t thread) noexcept = nullptr;  // the caller is thread 0
    void *owner = nullptr;
  };
  // [audio] Whether there are workers that help until `rest`. Wakes those that are parked: one system call for each.
  bool wake();
  // [audio] After `wake`: all tasks of the work, once. Waits only for what workers have begun.
  void run(const Work &work) noexcept ARRANGER_NONBLOCKING;
  // [audio] At the end of a block.
  void rest();

 private:
  struct Crew;

  std::unique_ptr<Crew> crew_;
  std::int32_t threads_ = 1;
  std::int32_t helpers_ = 0;  // workers that are awake in this block
};

// A thread that renders for as long as one lives, and leaves so much less of the processor to the workers of renders.
class BusyProcessor {
 public:
  BusyProcessor();
  ~BusyProcessor();
  BusyProcessor(const BusyProcessor &) = delete;
  BusyProcessor &operator=(const BusyProcessor &) = delete;
};

}  // namespace arranger
