// SPDX-License-Identifier: MIT
#include "base/file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/private_directory.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"

#include <cstdio>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace arranger {
namespace {

std::unexpected<Error> system_failure(int number) {
  return fail(Code::io_error, std::error_code(number, std::generic_category()).message());
}

#if !defined(_WIN32)
class OpenFile {
 public:
  explicit OpenFile(int number) : number_(number) {}
  OpenFile(const OpenFile &) = delete;
  OpenFile &operator=(const OpenFile &) = delete;
  ~OpenFile() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};
#endif

}  // namespace

#if defined(_WIN32)

Result<std::vector<std::byte>> read_file(const std::filesystem::path &path, std::uint64_t limit) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return fail(Code::io_error, "No such file");
  if (!std::filesystem::is_regular_file(status)) return fail(Code::io_error, "Not a regular file");
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) return fail(Code::io_error, error.message());
  if (size > limit) return fail(Code::io_error, "File of " + std::to_string(size) + " bytes is too large");
  std::FILE *file = ::_wfopen(path.c_str(), L"rb");
  if (!file) return system_failure(errno);
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  const std::size_t got = std::fread(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  if (got != bytes.size()) return fail(Code::io_error, "The file became shorter while it was read");
  return bytes;
}

Result<void> write_private_file(const std::filesystem::path &path, std::span<const std::byte> bytes) {
  // The directory's access list is inherited: the user's own temporary directory is private.
  const HANDLE file =
      ::CreateFileW(path.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_TEMPORARY, nullptr);
  if (file == INVALID_HANDLE_VALUE) {
    return fail(Code::io_error, std::error_code(static_cast<int>(::GetLastError()), std::system_category()).message());
  }
  bool good = true;
  while (good && !bytes.empty()) {
    const auto part = static_cast<DWORD>(bytes.size() < (1u << 30) ? bytes.size() : (1u << 30));
    DWORD written = 0;
    good = ::WriteFile(file, bytes.data(), part, &written, nullptr) && written > 0;
    bytes = bytes.subspan(written);
  }
  const DWORD reason = good ? 0 : ::GetLastError();
  ::CloseHandle(file);
  if (!good) return fail(Code::io_error, std::error_code(static_cast<int>(reason), std::system_category()).message());
  return {};
}

bool is_own_file(const std::filesystem::path &) { return true; }  // the folders of a user are private there

#else

Result<std::vector<std::byte>> read_file(const std::filesystem::path &path, std::uint64_t limit) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return system_failure(errno);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return system_failure(errno);
  if (S_ISDIR(status.st_mode)) return fail(Code::io_error, "Is a directory");
  if (!S_ISREG(status.st_mode)) return fail(Code::io_error, "Not a regular file");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > limit) return fail(Code::io_error, "File of " + std::to_string(size) + " bytes is too large");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = ::read(file.get(), bytes.data() + got, bytes.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure(errno);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

Result<void> write_private_file(const std::filesystem::path &path, std::span<const std::byte> bytes) {
  OpenFile file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR | S_IXUSR));
  if (file.get() < 0) return system_failure(errno);
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  // A network file system reports a full disk here.
  if (::close(file.release()) != 0 && errno != EINTR) return system_failure(errno);
  return {};
}

bool is_own_file(const std::filesystem::path &path) {
  struct stat status = {};
  constexpr mode_t others = S_IWGRP | S_IWOTH;
  return ::stat(path.c_str(), &status) == 0 && status.st_uid == ::geteuid() && (status.st_mode & others) == 0;
}

#endif

Result<void> replace_private_file(const std::filesystem::path &path, std::span<const std::byte> bytes) {
  const auto fresh = std::filesystem::path(path) += "." + std::to_string(process_id());
  std::error_code error;
  std::filesystem::remove(fresh, error);  // of a process that had this number and was killed
  auto written = write_private_file(fresh, bytes);
  if (written) {
    std::filesystem::rename(fresh, path, error);
    if (error) written = fail(Code::io_error, error.message());
  }
  if (!written) std::filesystem::remove(fresh, error);
  return written;
}

FileKind kind_of_file(const std::filesystem::path &path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return FileKind::none;
  return std::filesystem::is_regular_file(status) ? FileKind::regular : FileKind::other;
}

Result<std::filesystem::path> full_path(const std::filesystem::path &path) {
  std::error_code error;
  auto full = std::filesystem::weakly_canonical(path, error);
  if (error) return fail(Code::io_error, error.message());
  return full;
}

}  // namespace arranger
