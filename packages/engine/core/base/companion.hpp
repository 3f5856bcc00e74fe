// SPDX-License-Identifier: MIT
// A child process that lives as long as its owner wants, or until it ends by itself.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/channel.hpp"
#include "base/error.hpp"
#include "base/thread.hpp"

namespace arranger {

class Companion {
 public:
  // What the child finds again with inherited(), beside the channel.
  using Handles = std::vector<std::intptr_t>;

  // The child's standard input and output lead nowhere; what it says on standard error is seen. `on_end` is called once, on
  // a thread that waits for nothing else, when the child has ended of itself or was ended. Safe in a process with many
  // threads: nothing forks, only the own child is waited for. Error: io_error. [control]
  static Result<std::unique_ptr<Companion>> start(const std::filesystem::path &program, const Handles &handles,
                                                  std::function<void()> on_end);
  // Ends the child and all that it has started, and waits for that. [control]
  ~Companion();
  Companion(const Companion &) = delete;
  Companion &operator=(const Companion &) = delete;

  Channel &channel() { return channel_; }
  bool has_ended() const { return ended_.load(std::memory_order_acquire); }  // any thread, real-time safe
  // Until it has ended; false when it goes on after `limit`. [control]
  bool wait(std::chrono::milliseconds limit);
  // Ends the child and all that it has started. [control]
  void kill();
  // "SIGSEGV" or "exit code 1", once it has ended. Any thread.
  std::string end() const;
  // Whether a signal, or what Windows has for it, ended it. Any thread.
  bool has_crashed() const;

  // In the child: what it was given.
  struct Inherited {
    Channel channel;
    Handles handles;
  };
  static Inherited inherited(std::size_t handle_count, char **arguments);

 private:
  Companion() = default;
  void watch();           // on thread_
  void wait_for_child();  // and then knows how it ended

  Channel channel_;
  std::function<void()> on_end_;
  Thread thread_;
  std::atomic<bool> ended_ = false;
  mutable Mutex mutex_;
  Condition changed_;
  std::intptr_t process_ = 0;  // POSIX: its number, until it is reaped; Windows: a HANDLE
  std::intptr_t job_ = 0;      // Windows: what the child and its children are in
  int signal_ = 0;
  unsigned exit_code_ = 0;
};

}  // namespace arranger
