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
BOOL WINAPI hear(DWORD event) {
  stop_process();
  // After these Windows ends the process as soon as we return.
  if (event == CTRL_CLOSE_EVENT || event == CTRL_LOGOFF_EVENT || event == CTRL_SHUTDOWN_EVENT) ::Sleep(INFINITE);
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
#endif
}

void ignore_broken_pipes() {
#if !defined(_WIN32)
  ::signal(SIGPIPE, SIG_IGN);
#endif
}

}  // namespace arranger::server
