// SPDX-License-Identifier: MIT
#include "base/private_directory.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/file.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#endif

namespace arranger {
namespace {

constexpr std::string_view prefix = "arranger-";

// The process that a directory's name speaks of: "arranger-4711-x".
std::optional<unsigned long> owner_of(std::string_view name) {
  unsigned long id = 0;
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc() || id == 0 || end == name.data() + name.size() || *end != '-') return std::nullopt;
  return id;
}

bool is_new(const std::filesystem::path &directory) {
  std::error_code error;
  const auto made = std::filesystem::last_write_time(directory, error);
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

// Each user has a temporary directory there.
bool is_private_directory(const std::filesystem::path &path) {
  std::error_code ignored;
  return std::filesystem::is_directory(std::filesystem::symlink_status(path, ignored));
}

Result<std::filesystem::path> make_directory(const std::filesystem::path &parent) {
  std::error_code error;
  for (unsigned attempt = 0; attempt < 1000; ++attempt) {
    LARGE_INTEGER ticks;
    ::QueryPerformanceCounter(&ticks);
    auto directory = parent / (std::string(prefix) + std::to_string(process_id()) + "-" +
                               std::to_string(static_cast<unsigned long long>(ticks.QuadPart) + attempt));
    if (std::filesystem::create_directory(directory, error)) return directory;
  }
  return fail(Code::io_error, "No directory could be made in " + to_utf8(parent));
}

#else

bool is_running(unsigned long id) { return ::kill(static_cast<pid_t>(id), 0) == 0 || errno != ESRCH; }

bool is_private_directory(const std::filesystem::path &path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

Result<std::filesystem::path> make_directory(const std::filesystem::path &parent) {
  std::string pattern = (parent / prefix).string() + std::to_string(process_id()) + "-XXXXXX";
  if (!::mkdtemp(pattern.data()))  // makes it with mode 0700
    return fail(Code::io_error, std::generic_category().message(errno));
  return std::filesystem::path(pattern);
}

#endif

}  // namespace

Result<std::filesystem::path> make_private_directory() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  if (error) return fail(Code::io_error, error.message());
  static const bool swept = (remove_abandoned_directories(parent), true);
  (void)swept;
  return make_directory(parent);
}

void remove_abandoned_directories(const std::filesystem::path &parent) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(parent, error), end; !error && entry != end; entry.increment(error)) {
    const auto owner = owner_of(to_utf8(entry->path().filename()));
    if (!owner || is_running(*owner) || !is_private_directory(entry->path()) || is_new(entry->path())) continue;
    std::error_code ignored;  // what is still in use goes another time
    std::filesystem::remove_all(entry->path(), ignored);
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
