// SPDX-License-Identifier: MIT
#if !defined(_WIN32)
#include "stream_posix.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace arranger::server {
namespace {

#if defined(MSG_NOSIGNAL)
constexpr int send_flags = MSG_NOSIGNAL;
#else
constexpr int send_flags = 0;  // SIGPIPE is ignored
#endif

bool is_for_now(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

class SocketStream final : public Stream {
 public:
  SocketStream(Descriptor socket, WakePipe pipe) : socket_(std::move(socket)), pipe_(std::move(pipe)) {}

  Ready wait(bool to_read, bool to_write, std::optional<Clock::time_point> until) override {
    const int events = (to_read ? POLLIN : 0) | (to_write ? POLLOUT : 0);
#if defined(__APPLE__)
    // There POLLHUP also means that the client has only ended its half: it may still read, and what cannot be sent says so.
    constexpr int hung_up = POLLERR | POLLNVAL;
    const int socket = events == 0 ? -1 : socket_.get();
#else
    constexpr int hung_up = POLLHUP | POLLERR | POLLNVAL;
    const int socket = socket_.get();
#endif
    pollfd all[] = {{socket, static_cast<short>(events), 0}, {pipe_.descriptor(), POLLIN, 0}};
    if (::poll(all, 2, milliseconds_until(until)) <= 0) return {};
    if (all[1].revents != 0) pipe_.clear();
    const int found = all[0].revents;
    return {(found & (POLLIN | POLLHUP)) != 0, (found & POLLOUT) != 0, (found & hung_up) != 0};
  }

  void wake() override { pipe_.wake(); }

  std::optional<std::size_t> read(std::span<char> room) override {
    const ssize_t count = ::recv(socket_.get(), room.data(), room.size(), 0);
    if (count > 0) return static_cast<std::size_t>(count);
    if (count < 0 && is_for_now(errno)) return 0;
    return std::nullopt;
  }

  std::optional<std::size_t> write(std::string_view first, std::string_view second) override {
    iovec pieces[] = {{const_cast<char *>(first.data()), first.size()},
                      {const_cast<char *>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    const ssize_t count = ::sendmsg(socket_.get(), &message, send_flags);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (is_for_now(errno)) return 0;
    return std::nullopt;
  }

  void end_writing() override { ::shutdown(socket_.get(), SHUT_WR); }

  void close() override { socket_.reset(-1); }

 private:
  Descriptor socket_;
  WakePipe pipe_;
};

}  // namespace

std::shared_ptr<Stream> make_stream(Descriptor socket) {
  WakePipe pipe;
  if (!pipe.is_open()) return nullptr;
  return std::make_shared<SocketStream>(std::move(socket), std::move(pipe));
}

int milliseconds_until(std::optional<Stream::Clock::time_point> until) {
  if (!until) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Stream::Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

}  // namespace arranger::server
#endif
