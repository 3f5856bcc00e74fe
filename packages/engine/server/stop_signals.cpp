// SPDX-License-Identifier: MIT
#include "stop_signals.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <cerrno>
#include <csignal>
#include <initializer_list>
#endif

namespace arranger::server {
namespace {

void (*stop_process)() = nullptr;

#if defined(_WIN32)
BOOL WINAPI hear(DWORD) {
  stop_process();
  return TRUE;
}
#else
void hear(int) {
  const int before = errno;
  stop_process();
  errno = before;
}
#endif

}  // namespace

void on_stop_signal(void (*stop)()) {
  stop_process = stop;
#if defined(_WIN32)
  ::SetConsoleCtrlHandler(hear, TRUE);
#else
  struct sigaction action = {};
  action.sa_handler = hear;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaction(signal, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
#endif
}

}  // namespace arranger::server
