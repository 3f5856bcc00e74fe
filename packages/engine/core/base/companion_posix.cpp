// SPDX-License-Identifier: MIT
#if !defined(_WIN32)
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "base/child_process.hpp"
#include "base/companion.hpp"
#include "base/thread.hpp"
#if defined(__APPLE__)
#include <crt_externs.h>
#endif

namespace arranger {
namespace {

char **environment() {
#if defined(__APPLE__)
  return *::_NSGetEnviron();
#else
  return environ;
#endif
}

// Above those that the child is given, so that none is overwritten before it is copied.
int raised(int file, int least) {
  if (file >= least) return file;
  const int higher = ::fcntl(file, F_DUPFD_CLOEXEC, least);
  ::close(file);
  return higher;
}

bool make_sockets(int (&ends)[2], int least) {
#if defined(SOCK_CLOEXEC)
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
#else
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return false;
  const int on = 1;
  for (const int end : ends) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::setsockopt(end, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
  }
#endif
  for (int &end : ends) end = raised(end, least);
  return ends[0] >= 0 && ends[1] >= 0;
}

// A group of its own, so that what the child starts can be ended with it; default signals, none blocked.
int spawn(const std::string &program, const std::vector<int> &files, pid_t *child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  int place = report_descriptor;
  for (const int file : files) ::posix_spawn_file_actions_adddup2(&actions, file, place++);
  sigset_t all, none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP;
#if defined(POSIX_SPAWN_CLOEXEC_DEFAULT)
  flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
  ::posix_spawn_file_actions_addinherit_np(&actions, 2);
#endif
  ::posix_spawnattr_setflags(&attributes, flags);
  char *argv[] = {const_cast<char *>(program.c_str()), nullptr};
  const int result = ::posix_spawn(child, program.c_str(), &actions, &attributes, argv, environment());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return result;
}

std::unexpected<Error> not_started(const std::string &program, int reason) {
  return fail(Code::io_error, program + " could not be started: " + std::generic_category().message(reason));
}

}  // namespace

Result<std::unique_ptr<Companion>> Companion::start(const std::filesystem::path &program, const Handles &handles,
                                                    std::function<void()> on_end) {
  const int least = report_descriptor + 1 + static_cast<int>(handles.size());
  int ends[2];
  if (!make_sockets(ends, least)) return not_started(program.string(), errno);
  std::vector<int> files{ends[1]}, copies;
  for (const std::intptr_t handle : handles) {
    copies.push_back(::fcntl(static_cast<int>(handle), F_DUPFD_CLOEXEC, least));
    files.push_back(copies.back());
  }
  std::unique_ptr<Companion> out(new Companion);
  out->channel_ = Channel(ends[0], ends[0]);
  out->on_end_ = std::move(on_end);
  pid_t child = 0;
  const int failed = spawn(program.string(), files, &child);
  ::close(ends[1]);
  for (const int copy : copies) ::close(copy);
  if (failed != 0) return not_started(program.string(), failed);
  out->process_ = child;
  out->thread_ = start_thread([self = out.get()] { self->watch(); });
  if (out->thread_.joinable()) return out;
  out->kill();
  out->wait_for_child();
  return not_started(program.string(), EAGAIN);
}

// It is left to be reaped until its group is ended, which keeps its number taken.
void Companion::wait_for_child() {
  const auto child = static_cast<pid_t>(process_);
  siginfo_t info = {};
  while (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
  if (WIFSIGNALED(status)) signal_ = WTERMSIG(status);
  if (WIFEXITED(status)) exit_code_ = static_cast<unsigned>(WEXITSTATUS(status));
}

void Companion::kill() {
  const std::lock_guard lock(mutex_);
  if (process_ != 0) ::kill(-static_cast<pid_t>(process_), SIGKILL);
}

Companion::Inherited Companion::inherited(std::size_t handle_count, char **) {
  Inherited out{Channel(report_descriptor, report_descriptor), {}};
  for (std::size_t i = 0; i < handle_count; ++i) out.handles.push_back(report_descriptor + 1 + static_cast<int>(i));
  for (int file = report_descriptor; file <= report_descriptor + static_cast<int>(handle_count); ++file)
    ::fcntl(file, F_SETFD, FD_CLOEXEC);
  return out;
}

}  // namespace arranger
#endif
