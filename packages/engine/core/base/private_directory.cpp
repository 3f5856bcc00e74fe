// SPDX-License-Identifier: MIT
#include "base/private_directory.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#endif

namespace arranger {
namespace {

// The process that a file's name speaks of: "4711-2a-tremolo.so".
std::optional<unsigned long> owner_of(std::string_view name) {
  unsigned long id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc() || id == 0 || end == name.data() + name.size() || *end != '-') return std::nullopt;
  return id;
}

bool is_new(const std::filesystem::path &file) {
  std::error_code error;
  const auto made = std::filesystem::last_write_time(file, error);
  return error || std::filesystem::file_time_type::clock::now() - made < std::chrono::minutes(1);
}

#if defined(_WIN32)

bool is_running(unsigned long id) {
  const HANDLE process = ::OpenProcess(SYNCHRONIZE, FALSE, id);
  if (!process) return ::GetLastError() == ERROR_ACCESS_DENIED;
  const bool running = ::WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
  ::CloseHandle(process);
  return running;
}

std::vector<std::filesystem::path> memory_places() { return {}; }

// Each user has a temporary directory there.
std::filesystem::path directory_in(const std::filesystem::path &parent) { return parent / "arranger"; }

Result<void> make_private(const std::filesystem::path &directory) {
  std::error_code error;
  std::filesystem::create_directory(directory, error);
  if (error) return fail(Code::io_error, error.message());
  return {};
}

#else

bool is_running(unsigned long id) { return ::kill(static_cast<pid_t>(id), 0) == 0 || errno != ESRCH; }

// What is opened at once and then deleted need not be written to a disk. Containers often forbid to run code from there.
std::vector<std::filesystem::path> memory_places() {
#if defined(__linux__)
  static const bool usable = [] {
    struct statvfs system = {};
    return ::statvfs("/dev/shm", &system) == 0 && (system.f_flag & (ST_NOEXEC | ST_RDONLY)) == 0;
  }();
  if (usable && !std::getenv("TMPDIR")) return {"/dev/shm"};
#endif
  return {};
}

std::filesystem::path directory_in(const std::filesystem::path &parent) {
  return parent / ("arranger-" + std::to_string(::geteuid()));
}

Result<void> make_private(const std::filesystem::path &directory) {
  struct stat status = {};
  if (::mkdir(directory.c_str(), S_IRWXU) == 0) return {};
  if (errno != EEXIST || ::lstat(directory.c_str(), &status) != 0)
    return fail(Code::io_error, std::generic_category().message(errno));
  const bool own = S_ISDIR(status.st_mode) && status.st_uid == ::geteuid();
  if (own && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return fail(Code::io_error, "Expected " + to_utf8(directory) + " to be a directory that only this user may enter; " +
                                  "remove it, or name another temporary directory in TMPDIR");
}

#endif

}  // namespace

std::vector<std::filesystem::path> private_places() {
  std::vector<std::filesystem::path> places = memory_places();
  std::error_code error;
  if (auto temporary = std::filesystem::temp_directory_path(error); !error) places.push_back(std::move(temporary));
  return places;
}

Result<std::filesystem::path> private_directory(const std::filesystem::path &place) {
  auto directory = directory_in(place);
  if (auto made = make_private(directory); !made) return std::unexpected(std::move(made.error()));
  static const bool swept = (remove_abandoned_files(directory), true);
  (void)swept;
  return directory;
}

std::filesystem::path private_name(const std::filesystem::path &name) {
  // From the clock on: a process with this number may have been here before.
  static std::atomic<std::uint64_t> next =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  char hex[17];
  std::snprintf(hex, sizeof hex, "%llx", static_cast<unsigned long long>(next++));
  return std::filesystem::path(std::to_string(process_id()) + "-" + hex + "-") += name;
}

void remove_abandoned_files(const std::filesystem::path &directory) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto owner = owner_of(to_utf8(entry->path().filename()));
    if (!owner || is_running(*owner) || is_new(entry->path())) continue;
    std::error_code ignored;  // what is still open goes another time
    std::filesystem::remove(entry->path(), ignored);
  }
}

unsigned long process_id() {
#if defined(_WIN32)
  return ::GetCurrentProcessId();
#else
  return static_cast<unsigned long>(::getpid());
#endif
}

}  // namespace arranger
