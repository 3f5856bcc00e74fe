// SPDX-License-Identifier: MIT
#include "base/child_side.hpp"

#include <cstdlib>

#include "base/child_process.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif
#endif

namespace arranger {
namespace {

#if defined(_WIN32)

HANDLE report_pipe = nullptr;

void write_all(const std::string &text) {
  DWORD written = 0;
  ::WriteFile(report_pipe, text.data(), static_cast<DWORD>(text.size()), &written, nullptr);
}

#else

void write_all(const std::string &text) {
  if (::write(report_descriptor, text.data(), text.size()) < 0) ::_exit(1);
}

#endif

}  // namespace

#if defined(_WIN32)

void begin_as_child(std::vector<std::string> &arguments) {
  if (!arguments.empty()) {
    report_pipe =
        reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(std::strtoull(arguments[0].c_str(), nullptr, 10)));
    arguments.erase(arguments.begin());
  }
  ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
#if defined(_MSC_VER)
  ::_set_abort_behavior(0, _WRITE_ABORT_MSG | _CALL_REPORTFAULT);
#endif
}

void leave_child(int code) {
  ::TerminateProcess(::GetCurrentProcess(), static_cast<UINT>(code));
  std::abort();
}

#else

void begin_as_child(std::vector<std::string> &) {
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#if defined(SYS_close_range)
  // What the engine's process left open for its children is none of the library's business.
  ::syscall(SYS_close_range, static_cast<unsigned>(report_descriptor + 1), ~0u, 0u);
#endif
#endif
  // A sanitizer's handlers would turn a crash into an exit.
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) ::signal(signal, SIG_DFL);
}

void leave_child(int code) { ::_exit(code); }

#endif

void report_line(std::string line) {
  for (char &c : line)
    if (c == '\n' || c == '\r') c = ' ';
  write_all(line + "\n");
}

}  // namespace arranger
