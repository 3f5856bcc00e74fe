// SPDX-License-Identifier: MIT
// A number in shared memory that one process sets and another waits for: the two system calls that the audio thread makes
// for an isolated node.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace arranger {

class SharedSignal {
 public:
  using Clock = std::chrono::steady_clock;
  using Handle = std::intptr_t;

  SharedSignal() = default;
  // `event` is needed on Windows only, where one process cannot wait for a word of another: an auto-reset event.
  explicit SharedSignal(std::atomic<std::uint32_t> &word, Handle event = 0) : word_(&word), event_(event) {}

  std::uint32_t value() const { return word_->load(std::memory_order_acquire); }
  // Sets the value, with all that was written before, and wakes who waits for it. Real-time safe but for that call.
  void set(std::uint32_t value);
  // Until the value is another one than `old`, or until the deadline; looks for `spin` before it sleeps. Returns the value.
  std::uint32_t wait(std::uint32_t old, Clock::time_point deadline, std::chrono::nanoseconds spin) const;

 private:
  void sleep(std::uint32_t old, Clock::time_point deadline) const;

  std::atomic<std::uint32_t> *word_ = nullptr;
  Handle event_ = 0;
};

// What Windows waits by; elsewhere nothing. A child inherits it.
class SignalEvent {
 public:
  SignalEvent();
  ~SignalEvent();
  SignalEvent(const SignalEvent &) = delete;
  SignalEvent &operator=(const SignalEvent &) = delete;
  SharedSignal::Handle handle() const { return handle_; }  // 0: none is needed

 private:
  SharedSignal::Handle handle_ = 0;
};

}  // namespace arranger
