// SPDX-License-Identifier: MIT
// arranger-probe: opens a library, registers it twice, closes it, and says over a pipe how far it came. Whatever the
// library does, it does it to this process.
//
// Arguments: the library's name for people, the file to open, the folder of the original, dependencies to open first;
// on Windows the pipe's handle stands before them.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "plugin/library.hpp"
#include "plugin/probe_report.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
// After windows.h.
#include <shellapi.h>
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

void write_line(const std::string &line) {
  DWORD written = 0;
  ::WriteFile(report_pipe, line.data(), static_cast<DWORD>(line.size()), &written, nullptr);
}

[[noreturn]] void leave(int code) {
  ::TerminateProcess(::GetCurrentProcess(), static_cast<UINT>(code));
  std::abort();
}

void prepare() {
  ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
#if defined(_MSC_VER)
  ::_set_abort_behavior(0, _WRITE_ABORT_MSG | _CALL_REPORTFAULT);
#endif
}

#else

void write_line(const std::string &line) {
  if (::write(report_descriptor, line.data(), line.size()) < 0) ::_exit(1);
}

[[noreturn]] void leave(int code) { ::_exit(code); }

void prepare() {
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_DUMPABLE, 0);  // no core through a pipe either
#if defined(SYS_close_range)
  // What the engine's process left open for its children is none of the library's business.
  ::syscall(SYS_close_range, static_cast<unsigned>(report_descriptor + 1), ~0u, 0u);
#endif
#endif
  ::alarm(10);  // should the engine be gone
  // A sanitizer's handlers would turn a crash into an exit.
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) ::signal(signal, SIG_DFL);
}

#endif

void say(std::string_view word, std::string text) {
  for (char &c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  write_line(std::string(word) + (text.empty() ? "" : " ") + text + "\n");
}

[[noreturn]] void refuse(const Error &error) {
  say(probe_report::refused, std::string(info(error.code).name) + " " + error.message);
  leave(0);
}

std::vector<std::string> plugin_ids(const Module &module, const std::string &name) {
  const auto plugins = collect_plugins(module, name);
  if (!plugins) refuse(plugins.error());
  std::vector<std::string> ids;
  for (const PluginClass &plugin : *plugins) ids.push_back(plugin.descriptor.id);
  return ids;
}

[[noreturn]] void probe(const std::vector<std::string> &arguments) {
  const std::string &name = arguments[0];
  std::vector<std::filesystem::path> dependencies;
  for (std::size_t i = 3; i < arguments.size(); ++i) dependencies.push_back(from_utf8(arguments[i]));
  say(probe_report::phase, std::string(probe_report::open));
  auto module = Module::open(from_utf8(arguments[1]), from_utf8(arguments[2]), dependencies, name);
  if (!module) refuse(module.error());
  say(probe_report::phase, std::string(probe_report::register_plugin));
  const auto first = plugin_ids(*module, name);
  const auto second = plugin_ids(*module, name);
  if (first != second)
    refuse({Code::plugin_load_failed, name + " adds other plugins when it is registered a second time"});
  say(probe_report::phase, std::string(probe_report::close));
  module->close();
  say(probe_report::passed, {});
  leave(0);
}

}  // namespace
}  // namespace arranger

#if defined(_WIN32)

int main() {
  int count = 0;
  wchar_t **const wide = ::CommandLineToArgvW(::GetCommandLineW(), &count);
  if (!wide || count < 5) return 2;
  arranger::report_pipe = reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(std::wcstoull(wide[1], nullptr, 10)));
  std::vector<std::string> arguments;
  for (int i = 2; i < count; ++i) arguments.push_back(arranger::to_utf8(std::filesystem::path(wide[i])));
  arranger::prepare();
  arranger::probe(arguments);
}

#else

int main(int count, char **values) {
  if (count < 4) return 2;
  arranger::prepare();
  arranger::probe(std::vector<std::string>(values + 1, values + count));
}

#endif
