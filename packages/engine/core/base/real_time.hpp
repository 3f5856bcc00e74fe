// SPDX-License-Identifier: MIT
// Marks what the audio thread runs, so that tools can prove that it neither allocates, locks nor calls the system.
#pragma once

// Under RealtimeSanitizer (clang++ -fsanitize=realtime) whatever such a function runs, in plugins too, may not block: the
// first call that may ends the process with its stack. Stands behind noexcept; nothing elsewhere.
#if defined(__has_feature)
#if __has_feature(realtime_sanitizer)
#define ARRANGER_NONBLOCKING [[clang::nonblocking]]
#define ARRANGER_HAS_RTSAN 1
#include <sanitizer/rtsan_interface.h>
#endif
#endif
#ifndef ARRANGER_NONBLOCKING
#define ARRANGER_NONBLOCKING
#endif

// A library that is loaded before the program, such as test/rt-trap, defines these and sees what the thread does in
// between. Where none is, they are null.
#if defined(__linux__)
#define ARRANGER_HAS_AUDIO_WATCH 1
extern "C" {
[[gnu::weak]] void arranger_audio_enter();                 // [audio]
[[gnu::weak]] void arranger_audio_leave();                 // [audio]
[[gnu::weak]] void arranger_audio_pause();                 // [audio]
[[gnu::weak]] void arranger_audio_resume();                // [audio]
[[gnu::weak]] unsigned long arranger_audio_allocations();  // any thread: since the process began
}
#endif

namespace arranger {

// For as long as one block is processed. They may nest. [audio]
class RealTimeScope {
 public:
#if defined(ARRANGER_HAS_AUDIO_WATCH)
  RealTimeScope() {
    if (arranger_audio_enter) arranger_audio_enter();
  }
  ~RealTimeScope() {
    if (arranger_audio_leave) arranger_audio_leave();
  }
#else
  RealTimeScope() {}  // not defaulted: one that does nothing is not an unused variable
#endif
  RealTimeScope(const RealTimeScope &) = delete;
  RealTimeScope &operator=(const RealTimeScope &) = delete;
};

// For as long as the audio thread makes a system call that the architecture names: to wake the process of an isolated node
// and to wait for it. On other threads nothing.
class RealTimeException {
 public:
  RealTimeException() {
#if defined(ARRANGER_HAS_AUDIO_WATCH)
    if (arranger_audio_pause) arranger_audio_pause();
#endif
  }
  ~RealTimeException() {
#if defined(ARRANGER_HAS_AUDIO_WATCH)
    if (arranger_audio_resume) arranger_audio_resume();
#endif
  }
  RealTimeException(const RealTimeException &) = delete;
  RealTimeException &operator=(const RealTimeException &) = delete;

#if defined(ARRANGER_HAS_RTSAN)
 private:
  __rtsan::ScopedDisabler disabler_;
#endif
};

}  // namespace arranger
