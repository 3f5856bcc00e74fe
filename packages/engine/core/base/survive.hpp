// SPDX-License-Identifier: MIT
// Calls into strangers' code that may crash: a signal that would end the process ends the call.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace arranger {

// Makes the process ready, once. Until then, and where the system has no means for it, nothing is survived. [control]
void prepare_to_survive();

// Runs the work on this thread. 0 when it returned; else the signal that ended it in the middle (SIGSEGV, SIGBUS, SIGFPE,
// SIGILL, or SIGABRT of abort()): its locks stay held and its memory may be broken, so nothing of it may be used again.
// The work holds no C++ object with a destructor, and throws nothing. `is_its_fault`, if given, is asked amid the signal:
// where it says no, and on any other thread, the signal does what it would without us. On Windows abort() ends the
// process as ever. May nest. [audio] Once the process is ready.
int survive(void (*work)(void *), void *argument, bool (*is_its_fault)(const void *) = nullptr);

// [control]
template <class Work>
int survive(Work &&work) {
  prepare_to_survive();
  return survive([](void *argument) { (*static_cast<std::remove_reference_t<Work> *>(argument))(); }, &work);
}

// Lets a thread survive that its stack is used up: signals need another one then.
class SignalStack {
 public:
  SignalStack();  // [control]
  ~SignalStack();
  SignalStack(const SignalStack &) = delete;
  SignalStack &operator=(const SignalStack &) = delete;
  // For the calling thread, unless it has one. It may not outlive this object. One system call. Any thread.
  void use();

 private:
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace arranger
