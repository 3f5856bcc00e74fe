// SPDX-License-Identifier: MIT
#include "base/child_process.hpp"

#include <algorithm>
#include <csignal>
#include <string_view>
#include <system_error>

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#if defined(__APPLE__)
#include <crt_externs.h>
#endif
#endif

namespace arranger {
namespace {

using Clock = std::chrono::steady_clock;
using Hear = std::function<bool(std::string_view)>;
constexpr std::size_t longest_line = 64 * 1024;

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 60'000));
}

// Hands over the whole lines of `text` and keeps the rest. False when that was the last line, or when the child writes
// what is no line.
bool hear_lines(std::string &text, const Hear &hear) {
  std::size_t at = 0;
  bool more = true;
  for (std::size_t end; more && (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    more = hear(std::string_view(text).substr(at, end - at));
  text.erase(0, at);
  return more && text.size() < longest_line;
}

}  // namespace

#if defined(_WIN32)

namespace {

class Handle {
 public:
  explicit Handle(HANDLE handle = nullptr) : handle_(handle) {}
  Handle(const Handle &) = delete;
  Handle &operator=(const Handle &) = delete;
  ~Handle() { close(); }
  void close() {
    if (handle_ && handle_ != INVALID_HANDLE_VALUE) ::CloseHandle(handle_);
    handle_ = nullptr;
  }
  HANDLE get() const { return handle_; }
  HANDLE *out() { return &handle_; }

 private:
  HANDLE handle_;
};

std::wstring wide(const std::string &text) {
  const int length = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0);
  std::wstring result(static_cast<std::size_t>(length), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(), length);
  return result;
}

// As CommandLineToArgvW takes it apart again.
void append_quoted(std::wstring &line, const std::wstring &argument) {
  line += line.empty() ? L"\"" : L" \"";
  std::size_t backslashes = 0;
  for (const wchar_t c : argument) {
    if (c == L'"') line.append(backslashes + 1, L'\\');
    backslashes = c == L'\\' ? backslashes + 1 : 0;
    line += c;
  }
  line.append(backslashes, L'\\');
  line += L'"';
}

std::string last_error() { return std::system_category().message(static_cast<int>(::GetLastError())); }

// Ends with this process: the job that it is in is closed with us.
bool start(const std::filesystem::path &program, std::wstring line, HANDLE pipe, HANDLE job, HANDLE *process) {
  SIZE_T size = 0;
  ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
  std::vector<std::byte> memory(size);
  STARTUPINFOEXW info = {};
  info.StartupInfo.cb = sizeof info;
  info.lpAttributeList = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory.data());
  if (!::InitializeProcThreadAttributeList(info.lpAttributeList, 1, 0, &size)) return false;
  ::UpdateProcThreadAttribute(info.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &pipe, sizeof pipe, nullptr,
                              nullptr);
  constexpr DWORD flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_NO_WINDOW | CREATE_SUSPENDED;
  PROCESS_INFORMATION started = {};
  const BOOL good = ::CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, flags, nullptr, nullptr,
                                     &info.StartupInfo, &started);
  const DWORD reason = ::GetLastError();
  ::DeleteProcThreadAttributeList(info.lpAttributeList);
  if (!good) {
    ::SetLastError(reason);
    return false;
  }
  ::AssignProcessToJobObject(job, started.hProcess);
  ::ResumeThread(started.hThread);
  ::CloseHandle(started.hThread);
  *process = started.hProcess;
  return true;
}

// What has come so far; nothing when nothing has.
std::string read_available(HANDLE pipe) {
  DWORD available = 0, got = 0;
  if (!::PeekNamedPipe(pipe, nullptr, 0, nullptr, &available, nullptr) || available == 0) return {};
  std::string text(available, '\0');
  if (!::ReadFile(pipe, text.data(), available, &got, nullptr)) return {};
  text.resize(got);
  return text;
}

// Until the child has ended, was heard to the end and then ends, or has been silent for too long, which is false.
bool listen(HANDLE process, HANDLE pipe, const Hear &hear, std::chrono::milliseconds limit) {
  auto deadline = Clock::now() + limit;
  std::string text;
  bool ended = false, more = true;
  // An anonymous pipe cannot be waited for: look every few milliseconds.
  while (!ended && milliseconds_until(deadline) > 0) {
    ended = ::WaitForSingleObject(process, 2) == WAIT_OBJECT_0;
    for (std::string part; more && !(part = read_available(pipe)).empty();) {
      deadline = Clock::now() + limit;
      more = hear_lines(text += part, hear);
    }
  }
  return ended;
}

}  // namespace

ChildOutcome run_child(const std::filesystem::path &program, const std::vector<std::string> &arguments,
                       const Hear &hear, std::chrono::milliseconds limit) {
  ChildOutcome outcome;
  SECURITY_ATTRIBUTES inherit = {sizeof inherit, nullptr, TRUE};
  Handle read_end, write_end, process;
  Handle job(::CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  limits.BasicLimitInformation.LimitFlags =
      JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
  ::SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits);
  if (!::CreatePipe(read_end.out(), write_end.out(), &inherit, longest_line)) {
    outcome.start_error = last_error();
    return outcome;
  }
  ::SetHandleInformation(read_end.get(), HANDLE_FLAG_INHERIT, 0);
  std::wstring line;
  append_quoted(line, program.wstring());
  append_quoted(line, std::to_wstring(reinterpret_cast<std::uintptr_t>(write_end.get())));
  for (const std::string &argument : arguments) append_quoted(line, wide(argument));
  if (!start(program, std::move(line), write_end.get(), job.get(), process.out())) {
    outcome.start_error = last_error();
    return outcome;
  }
  outcome.started = true;
  write_end.close();
  if (!listen(process.get(), read_end.get(), hear, limit)) {
    outcome.timed_out = true;
    ::TerminateProcess(process.get(), 1);
    ::WaitForSingleObject(process.get(), 1000);
  }
  DWORD code = 0;
  ::GetExitCodeProcess(process.get(), &code);
  outcome.exit_code = code;
  return outcome;
}

#else

namespace {

char **environment() {
#if defined(__APPLE__)
  return *::_NSGetEnviron();
#else
  return ::environ;
#endif
}

// Both ends closed on exec and above the descriptors that the child is given.
bool make_pipe(int (&ends)[2]) {
#if defined(__linux__)
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
#else
  if (::pipe(ends) != 0) return false;
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
#endif
  for (int &end : ends) {
    if (end > report_descriptor) continue;
    const int higher = ::fcntl(end, F_DUPFD_CLOEXEC, report_descriptor + 1);
    ::close(end);
    end = higher;
  }
  return ends[0] >= 0 && ends[1] >= 0;
}

// A group of its own, so that what the child starts can be ended with it; default signals, none blocked.
int spawn(const std::filesystem::path &program, const std::vector<std::string> &arguments, int pipe, pid_t *child) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, pipe, report_descriptor);
  sigset_t all, none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP;
#if defined(POSIX_SPAWN_CLOEXEC_DEFAULT)
  flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
  ::posix_spawnattr_setflags(&attributes, flags);

  const std::string path = program.string();
  std::vector<char *> argv{const_cast<char *>(path.c_str())};
  for (const std::string &argument : arguments) argv.push_back(const_cast<char *>(argument.c_str()));
  argv.push_back(nullptr);
  const int result = ::posix_spawn(child, path.c_str(), &files, &attributes, argv.data(), environment());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return result;
}

// Until the last line, the end of the pipe, or a silence of `limit`. Returns until when it may go on.
Clock::time_point listen(int pipe, const Hear &hear, std::chrono::milliseconds limit) {
  auto deadline = Clock::now() + limit;
  std::string text;
  for (;;) {
    const int left = milliseconds_until(deadline);
    if (left == 0) return deadline;
    pollfd wait = {pipe, POLLIN, 0};
    const int ready = ::poll(&wait, 1, left);
    if (ready < 0 && errno != EINTR) return deadline;
    if (ready <= 0) continue;
    char buffer[4096];
    const ssize_t got = ::read(pipe, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return deadline;
    text.append(buffer, static_cast<std::size_t>(got));
    deadline = Clock::now() + limit;
    if (!hear_lines(text, hear)) return deadline;
  }
}

// True when the child has ended, or when nobody can say (a process that ignores SIGCHLD). It is left to be reaped,
// which keeps its number taken.
bool has_ended(pid_t child, int options) {
  siginfo_t info = {};
  int result;
  do {
    result = ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT | options);
  } while (result != 0 && errno == EINTR);
  return result != 0 || info.si_pid == child;
}

void reap(pid_t child, Clock::time_point deadline, ChildOutcome &outcome) {
  while (!has_ended(child, WNOHANG)) {
    if (milliseconds_until(deadline) == 0) {
      outcome.timed_out = true;
      break;
    }
    ::poll(nullptr, 0, 1);  // it has said its last word: a matter of microseconds
  }
  ::kill(-child, SIGKILL);  // the child and all that it started
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (outcome.timed_out) return;
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  if (WIFEXITED(status)) outcome.exit_code = static_cast<unsigned>(WEXITSTATUS(status));
}

}  // namespace

ChildOutcome run_child(const std::filesystem::path &program, const std::vector<std::string> &arguments,
                       const Hear &hear, std::chrono::milliseconds limit) {
  ChildOutcome outcome;
  int ends[2];
  if (!make_pipe(ends)) {
    outcome.start_error = std::generic_category().message(errno);
    return outcome;
  }
  pid_t child = 0;
  const int failed = spawn(program, arguments, ends[1], &child);
  ::close(ends[1]);
  if (failed == 0) {
    outcome.started = true;
    reap(child, listen(ends[0], hear, limit), outcome);
  } else {
    outcome.start_error = std::generic_category().message(failed);
  }
  ::close(ends[0]);
  return outcome;
}

#endif

std::string signal_name(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGABRT:
      return "SIGABRT";
    case SIGILL:
      return "SIGILL";
    case SIGFPE:
      return "SIGFPE";
    case SIGTERM:
      return "SIGTERM";
#if !defined(_WIN32)
    case SIGBUS:
      return "SIGBUS";
    case SIGTRAP:
      return "SIGTRAP";
    case SIGSYS:
      return "SIGSYS";
    case SIGKILL:
      return "SIGKILL";
    case SIGPIPE:
      return "SIGPIPE";
    case SIGALRM:
      return "SIGALRM";
    case SIGXCPU:
      return "SIGXCPU";
#endif
    default:
      return "signal " + std::to_string(signal);
  }
}

}  // namespace arranger
