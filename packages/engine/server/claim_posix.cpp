// SPDX-License-Identifier: MIT
#if !defined(_WIN32)
#include "claim_posix.hpp"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/file.hpp"
#include "base/format.hpp"
#include "socket_name.hpp"

namespace arranger::server {
namespace {

std::unexpected<Error> system_error(std::string_view what, int error) {
  return fail(Code::io_error, format("{}: {}", what, std::generic_category().message(error)));
}

std::unexpected<Error> already_running(const std::string &path) {
  return fail(Code::busy, format("A server is already running at {}", path));
}

// Others must not be able to put something else in the socket's place.
Result<void> check_directory(const std::filesystem::path &directory) {
  struct stat status = {};
  if (::stat(directory.c_str(), &status) != 0) return system_error(to_utf8(directory), errno);
  if (!S_ISDIR(status.st_mode))
    return fail(Code::io_error, format("Expected {} to be a directory", to_utf8(directory)));
  const bool is_sticky = (status.st_mode & S_ISVTX) != 0;
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return fail(Code::io_error, format("Expected {} to be this user's or root's directory", to_utf8(directory)));
  if ((status.st_mode & S_IWOTH) != 0 && !is_sticky)
    return fail(Code::io_error,
                format("Expected {} to be closed to other users, who may write there", to_utf8(directory)));
  return {};
}

Result<void> make_directory(const std::filesystem::path &directory) {
  std::error_code ignored;
  if (std::filesystem::exists(directory, ignored)) return check_directory(directory);
  if (const auto parent = directory.parent_path(); parent != directory && !parent.empty())
    if (auto done = make_directory(parent); !done) return done;
  if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) return system_error(to_utf8(directory), errno);
  return check_directory(directory);
}

bool is_answered(const std::string &path) {
  const auto name = socket_name(path);
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM, 0));
  if (!name || !probe.is_open()) return true;  // not known: as if it were
  make_own(probe.get());                       // a server that does not accept is one all the same
  return ::connect(probe.get(), name->get(), name->size()) == 0 || errno != ECONNREFUSED;
}

// A socket that was left behind.
Result<void> remove_stale(const std::string &path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return system_error(path, errno);
  }
  if (!S_ISSOCK(status.st_mode))
    return fail(Code::io_error, format("Expected nothing or an old socket at {} but there is {}", path,
                                       S_ISLNK(status.st_mode) ? "a link" : "something else"));
  if (status.st_uid != ::geteuid())
    return fail(Code::io_error, format("Expected nothing or an old socket at {} but it is another user's", path));
  if (is_answered(path)) return already_running(path);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error(path, errno);
  return {};
}

std::string lock_path(const std::string &path) { return path + ".lock"; }

}  // namespace

// The lock is removed with its server, so what was locked may not be what is there now.
Result<void> Claim::lock() {
  const std::string path = lock_path(path_);
  while (true) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
    struct stat own = {}, there = {};
    if (!file.is_open() || ::fstat(file.get(), &own) != 0) return system_error(path, errno);
    if (!S_ISREG(own.st_mode) || own.st_uid != ::geteuid())
      return fail(Code::io_error, format("Expected {} to be this user's file", path));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return already_running(path_);
      return system_error(path, errno);
    }
    if (::lstat(path.c_str(), &there) != 0 || there.st_ino != own.st_ino || there.st_dev != own.st_dev) continue;
    lock_ = std::move(file);
    return {};
  }
}

Result<Claim> Claim::take(const std::string &path) {
  if (auto name = socket_name(path); !name) return std::unexpected(name.error());
  const std::filesystem::path directory = std::filesystem::absolute(from_utf8(path)).parent_path();
  if (auto done = make_directory(directory); !done) return std::unexpected(done.error());
  Claim out(path);
  if (auto done = out.lock(); !done) return std::unexpected(done.error());
  if (auto done = remove_stale(path); !done) return std::unexpected(done.error());
  return out;
}

Claim::~Claim() {
  if (!lock_.is_open()) return;
  if (has_socket_) ::unlink(path_.c_str());
  ::unlink(lock_path(path_).c_str());
}

}  // namespace arranger::server
#endif
