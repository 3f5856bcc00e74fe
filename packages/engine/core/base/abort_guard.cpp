// SPDX-License-Identifier: MIT
#include "base/abort_guard.hpp"

#if defined(_WIN32)

namespace arranger {

bool survives_abort(void (*work)(void *), void *argument) {
  work(argument);
  return true;
}

}  // namespace arranger

#else
#include <csetjmp>
#include <csignal>
#include <mutex>

namespace arranger {
namespace {

thread_local sigjmp_buf *way_out = nullptr;

std::mutex mutex;
int guarded = 0;  // calls in progress
struct sigaction before = {};

// abort() raises on its own thread, which holds no lock of the C library then; a handler may leave it.
void on_abort(int signal) {
  if (way_out) siglongjmp(*way_out, 1);
  // Another thread's: as if we were not here. When this returns, abort() goes on.
  if ((before.sa_flags & SA_SIGINFO) == 0 && before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
    before.sa_handler(signal);
}

void guard(int change) {
  const std::lock_guard lock(mutex);
  const bool was_guarded = guarded > 0;
  guarded += change;
  if (was_guarded == (guarded > 0)) return;
  struct sigaction ours = {};
  ours.sa_handler = on_abort;
  ::sigemptyset(&ours.sa_mask);
  if (guarded > 0) ::sigaction(SIGABRT, &ours, &before);
  else ::sigaction(SIGABRT, &before, nullptr);
}

}  // namespace

bool survives_abort(void (*work)(void *), void *argument) {
  sigjmp_buf here;
  guard(1);
  const bool returned = sigsetjmp(here, 1) == 0;
  if (returned) {
    way_out = &here;
    work(argument);
  }
  way_out = nullptr;
  guard(-1);
  return returned;
}

}  // namespace arranger
#endif
