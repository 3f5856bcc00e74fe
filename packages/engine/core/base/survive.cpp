// SPDX-License-Identifier: MIT
#include "base/survive.hpp"

#if !defined(_WIN32)
#include <pthread.h>
#include <sys/ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csetjmp>
#include <csignal>
#include <mutex>

#include "base/thread.hpp"

namespace arranger {
namespace {

constexpr std::array signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

struct WayOut {
  sigjmp_buf place;
  bool (*is_its_fault)(const void *);
  const void *argument;
  int signal;
  WayOut *outer;
};

// Each thread's innermost WayOut. To look at a thread_local of a library may take memory, which neither the audio thread nor
// a signal handler may do.
pthread_key_t way_out = {};
std::atomic<bool> is_ready = false;  // there is such a key

std::array<struct sigaction, signals.size()> before;

// As if we were not here: V8 has a handler of its own, and so have sanitizers.
void pass_on(int signal, siginfo_t *info, void *context) {
  for (std::size_t i = 0; i < signals.size(); ++i) {
    if (signals[i] != signal) continue;
    const struct sigaction &other = before[i];
    if ((other.sa_flags & SA_SIGINFO) != 0) return other.sa_sigaction(signal, info, context);
    if (other.sa_handler == SIG_IGN) return;
    if (other.sa_handler != SIG_DFL) return other.sa_handler(signal);
    // What faults does so again when this returns; what was sent has to be sent again.
    ::sigaction(signal, &other, nullptr);
    if (info->si_code <= 0) ::raise(signal);
  }
}

void on_signal(int signal, siginfo_t *info, void *context) {
  auto *const out = static_cast<WayOut *>(::pthread_getspecific(way_out));
  const bool is_from_elsewhere = info->si_code <= 0 && info->si_pid != ::getpid();
  if (!out || is_from_elsewhere || (out->is_its_fault && !out->is_its_fault(out->argument)))
    return pass_on(signal, info, context);
  out->signal = signal;
  ::pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t *>(context)->uc_sigmask, nullptr);
  siglongjmp(out->place, 1);
}

}  // namespace

void prepare_to_survive() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (::pthread_key_create(&way_out, nullptr) != 0) return;
    is_ready = true;
    stay_loaded();  // the handlers are never taken back: another may have been put over them
    struct sigaction ours = {};
    ours.sa_sigaction = on_signal;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&ours.sa_mask);
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &ours, &before[i]);
  });
}

// The mask of signals is not saved, since that would be a system call; the handler puts it back.
int survive(void (*work)(void *), void *argument, bool (*is_its_fault)(const void *)) {
  if (!is_ready.load(std::memory_order_acquire)) {
    work(argument);
    return 0;
  }
  WayOut here;
  here.is_its_fault = is_its_fault;
  here.argument = argument;
  here.signal = 0;
  here.outer = static_cast<WayOut *>(::pthread_getspecific(way_out));
  if (sigsetjmp(here.place, 0) == 0) {
    ::pthread_setspecific(way_out, &here);
    work(argument);
  }
  ::pthread_setspecific(way_out, here.outer);
  return here.signal;
}

namespace {

constexpr std::size_t stack_bytes = std::size_t{64} << 10;  // SIGSTKSZ is no constant, and less

}  // namespace

SignalStack::SignalStack() : memory_(new std::byte[stack_bytes]) {}

SignalStack::~SignalStack() {
  stack_t now{};
  if (::sigaltstack(nullptr, &now) != 0 || now.ss_sp != memory_.get()) return;
  now.ss_flags = SS_DISABLE;
  ::sigaltstack(&now, nullptr);
}

void SignalStack::use() {
  stack_t now{};
  if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;
  now = {};
  now.ss_sp = memory_.get();
  now.ss_size = stack_bytes;
  ::sigaltstack(&now, nullptr);
}

}  // namespace arranger

#else
#include <csignal>

#include "base/windows.hpp"
#if defined(_MSC_VER)
#include <malloc.h>
#endif

namespace arranger {

void prepare_to_survive() {}

#if defined(_MSC_VER)
namespace {

// What POSIX calls it; 0: none of ours, such as the exceptions of C++ and of debuggers.
int signal_of(unsigned long exception) {
  switch (exception) {
    case EXCEPTION_ACCESS_VIOLATION:
    case EXCEPTION_STACK_OVERFLOW:
    case EXCEPTION_IN_PAGE_ERROR:
    case EXCEPTION_DATATYPE_MISALIGNMENT:
      return SIGSEGV;
    case EXCEPTION_INT_DIVIDE_BY_ZERO:
    case EXCEPTION_INT_OVERFLOW:
    case EXCEPTION_FLT_DIVIDE_BY_ZERO:
    case EXCEPTION_FLT_INVALID_OPERATION:
      return SIGFPE;
    case EXCEPTION_ILLEGAL_INSTRUCTION:
    case EXCEPTION_PRIV_INSTRUCTION:
      return SIGILL;
    default:
      return 0;
  }
}

}  // namespace

int survive(void (*work)(void *), void *argument, bool (*is_its_fault)(const void *)) {
  int signal = 0;
  __try {
    work(argument);
  } __except ((signal = signal_of(GetExceptionCode())) != 0 && (!is_its_fault || is_its_fault(argument))
                  ? EXCEPTION_EXECUTE_HANDLER
                  : EXCEPTION_CONTINUE_SEARCH) {
    if (GetExceptionCode() == EXCEPTION_STACK_OVERFLOW) (void)_resetstkoflw();
    return signal;
  }
  return 0;
}
#else
// MinGW has no __try: a crash ends the process as ever.
int survive(void (*work)(void *), void *argument, bool (*)(const void *)) {
  work(argument);
  return 0;
}
#endif

SignalStack::SignalStack() = default;
SignalStack::~SignalStack() = default;
void SignalStack::use() {}

}  // namespace arranger
#endif
