// SPDX-License-Identifier: MIT
#if defined(_WIN32)
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/companion.hpp"
#include "base/file.hpp"
#include "base/thread.hpp"
#include "base/windows.hpp"

namespace arranger {
namespace {

std::unexpected<Error> not_started(const std::filesystem::path &program) {
  return fail(Code::io_error, to_utf8(program) + " could not be started: " +
                                  std::system_category().message(static_cast<int>(::GetLastError())));
}

HANDLE as_handle(std::intptr_t number) { return reinterpret_cast<HANDLE>(number); }

// Ends with this process, since the job that it is in does. Only the listed handles are inherited.
HANDLE make_job() {
  const HANDLE job = ::CreateJobObjectW(nullptr, nullptr);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  limits.BasicLimitInformation.LimitFlags =
      JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
  ::SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  return job;
}

HANDLE spawn(const std::filesystem::path &program, std::vector<HANDLE> &inherited, HANDLE job) {
  std::wstring line = L"\"" + program.wstring() + L"\"";
  for (const HANDLE handle : inherited) line += L" " + std::to_wstring(reinterpret_cast<std::intptr_t>(handle));
  SIZE_T size = 0;
  ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
  std::vector<std::byte> memory(size);
  STARTUPINFOEXW info = {};
  info.StartupInfo.cb = sizeof info;
  info.lpAttributeList = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory.data());
  if (!::InitializeProcThreadAttributeList(info.lpAttributeList, 1, 0, &size)) return nullptr;
  ::UpdateProcThreadAttribute(info.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, inherited.data(),
                              inherited.size() * sizeof(HANDLE), nullptr, nullptr);
  constexpr DWORD flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_NO_WINDOW | CREATE_SUSPENDED;
  PROCESS_INFORMATION started = {};
  const BOOL good = ::CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, flags, nullptr, nullptr,
                                     &info.StartupInfo, &started);
  const DWORD reason = ::GetLastError();
  ::DeleteProcThreadAttributeList(info.lpAttributeList);
  ::SetLastError(reason);
  if (!good) return nullptr;
  ::AssignProcessToJobObject(job, started.hProcess);
  ::ResumeThread(started.hThread);
  ::CloseHandle(started.hThread);
  return started.hProcess;
}

}  // namespace

Result<std::unique_ptr<Companion>> Companion::start(const std::filesystem::path &program, const Handles &handles,
                                                    std::function<void()> on_end) {
  SECURITY_ATTRIBUTES inherit = {sizeof inherit, nullptr, TRUE};
  constexpr DWORD room = 1 << 16;
  HANDLE child_in = nullptr, child_out = nullptr, in = nullptr, out = nullptr;
  if (!::CreatePipe(&child_in, &out, &inherit, room)) return not_started(program);
  if (!::CreatePipe(&in, &child_out, &inherit, room)) {
    for (const HANDLE end : {child_in, out}) ::CloseHandle(end);
    return not_started(program);
  }
  for (const HANDLE ours : {in, out}) ::SetHandleInformation(ours, HANDLE_FLAG_INHERIT, 0);
  std::unique_ptr<Companion> self(new Companion);
  self->channel_ = Channel(reinterpret_cast<Channel::Handle>(in), reinterpret_cast<Channel::Handle>(out));
  self->on_end_ = std::move(on_end);
  std::vector<HANDLE> inherited{child_in, child_out};
  for (const std::intptr_t handle : handles) inherited.push_back(as_handle(handle));
  const HANDLE job = make_job();
  self->job_ = reinterpret_cast<std::intptr_t>(job);
  const HANDLE process = spawn(program, inherited, job);
  const DWORD reason = ::GetLastError();
  for (const HANDLE theirs : {child_in, child_out}) ::CloseHandle(theirs);
  ::SetLastError(reason);
  if (!process) {
    ::CloseHandle(job);
    self->job_ = 0;
    return not_started(program);
  }
  self->process_ = reinterpret_cast<std::intptr_t>(process);
  self->thread_ = start_thread([companion = self.get()] { companion->watch(); });
  if (self->thread_.joinable()) return self;
  self->kill();
  self->wait_for_child();
  return not_started(program);
}

void Companion::wait_for_child() {
  ::WaitForSingleObject(as_handle(process_), INFINITE);
  const std::lock_guard lock(mutex_);
  DWORD code = 0;
  ::GetExitCodeProcess(as_handle(process_), &code);
  exit_code_ = code;
  ::CloseHandle(as_handle(process_));
  ::CloseHandle(as_handle(job_));  // and with it whatever the child has started
  process_ = job_ = 0;
}

void Companion::kill() {
  const std::lock_guard lock(mutex_);
  if (process_ != 0) ::TerminateJobObject(as_handle(job_), 1);
}

// The numbers of the handles are the arguments.
Companion::Inherited Companion::inherited(std::size_t handle_count, char **arguments) {
  const auto number = [arguments](std::size_t place) {
    return static_cast<std::intptr_t>(std::strtoll(arguments[place], nullptr, 10));
  };
  Inherited out{Channel(number(0), number(1)), {}};
  for (std::size_t i = 0; i < handle_count; ++i) out.handles.push_back(number(2 + i));
  return out;
}

}  // namespace arranger
#endif
