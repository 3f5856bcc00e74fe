// SPDX-License-Identifier: MIT
#include "base/channel.hpp"

#include <algorithm>
#include <cstring>

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace arranger {

Channel::State Channel::send(std::string_view message, Clock::time_point deadline) {
  const auto length = static_cast<std::uint32_t>(message.size());
  std::string whole(sizeof length, '\0');
  std::memcpy(whole.data(), &length, sizeof length);
  whole += message;
  return write(whole.data(), whole.size(), deadline);
}

Channel::State Channel::receive(std::string &message, Clock::time_point deadline) {
  std::uint32_t length = 0;
  const State begun = read(reinterpret_cast<char *>(&length), sizeof length, deadline);
  if (begun != State::open) return begun;
  if (length > greatest_message) return State::closed;
  message.resize(length);
  return read(message.data(), length, deadline);
}

#if defined(_WIN32)

void Channel::close() {
  for (Handle *handle : {&in_, &out_})
    if (const Handle closed = std::exchange(*handle, none); closed != none)
      ::CloseHandle(reinterpret_cast<HANDLE>(closed));
}

// A process of ours ends with the job that it is in.
void Channel::wait_for_end() const { ::Sleep(INFINITE); }

// The pipe has room for all but a very large message, and its reader is in our hands.
Channel::State Channel::write(const char *bytes, std::size_t count, Clock::time_point) {
  while (count > 0) {
    DWORD written = 0;
    if (!::WriteFile(reinterpret_cast<HANDLE>(out_), bytes, static_cast<DWORD>(count), &written, nullptr))
      return State::closed;
    bytes += written;
    count -= written;
  }
  return State::open;
}

// An anonymous pipe cannot be waited for with a limit: look every millisecond, or wait where there is none.
Channel::State Channel::read(char *bytes, std::size_t count, Clock::time_point deadline) {
  const HANDLE pipe = reinterpret_cast<HANDLE>(in_);
  while (count > 0) {
    DWORD available = static_cast<DWORD>(count), got = 0;
    if (deadline != Clock::time_point::max()) {
      if (!::PeekNamedPipe(pipe, nullptr, 0, nullptr, &available, nullptr)) return State::closed;
      if (available == 0) {
        if (Clock::now() >= deadline) return State::late;
        ::Sleep(1);
        continue;
      }
    }
    const DWORD wanted = static_cast<DWORD>(std::min<std::size_t>(available, count));
    if (!::ReadFile(pipe, bytes, wanted, &got, nullptr) || got == 0) return State::closed;
    bytes += got;
    count -= got;
  }
  return State::open;
}

#else

namespace {

// Whether the socket is ready before the deadline; true as well when the other end is gone.
bool is_ready(int socket, short what, Channel::Clock::time_point deadline) {
  for (;;) {
    int left = -1;
    if (deadline != Channel::Clock::time_point::max()) {
      const auto until = std::chrono::ceil<std::chrono::milliseconds>(deadline - Channel::Clock::now()).count();
      left = static_cast<int>(std::clamp<long long>(until, 0, 60'000));
    }
    pollfd wait = {socket, what, 0};
    if (::poll(&wait, 1, left) > 0) return true;
    if (left == 0) return false;
  }
}

}  // namespace

void Channel::close() {
  if (in_ != none) ::close(static_cast<int>(in_));
  in_ = out_ = none;
}

void Channel::wait_for_end() const {
  for (pollfd wait = {static_cast<int>(in_), 0, 0}; (wait.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;)
    ::poll(&wait, 1, -1);
}

Channel::State Channel::write(const char *bytes, std::size_t count, Clock::time_point deadline) {
#if defined(MSG_NOSIGNAL)
  constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
#else
  constexpr int flags = MSG_DONTWAIT;  // whoever made the socket has set SO_NOSIGPIPE
#endif
  while (count > 0) {
    const ssize_t sent = ::send(static_cast<int>(out_), bytes, count, flags);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return State::closed;
      if (!is_ready(static_cast<int>(out_), POLLOUT, deadline)) return State::late;
      continue;
    }
    bytes += sent;
    count -= static_cast<std::size_t>(sent);
  }
  return State::open;
}

Channel::State Channel::read(char *bytes, std::size_t count, Clock::time_point deadline) {
  while (count > 0) {
    if (!is_ready(static_cast<int>(in_), POLLIN, deadline)) return State::late;
    const ssize_t got = ::recv(static_cast<int>(in_), bytes, count, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (got <= 0) return State::closed;
    bytes += got;
    count -= static_cast<std::size_t>(got);
  }
  return State::open;
}

#endif

}  // namespace arranger
