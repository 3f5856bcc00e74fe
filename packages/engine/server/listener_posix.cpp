// SPDX-License-Identifier: MIT
#if !defined(_WIN32)
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/format.hpp"
#include "claim_posix.hpp"
#include "listener.hpp"
#include "socket_name.hpp"
#include "stream_posix.hpp"

namespace arranger::server {
namespace {

std::unexpected<Error> no_more() {
  return fail(Code::busy, format("No room for one more client: {}", std::generic_category().message(errno)));
}

class SocketListener final : public Listener {
 public:
  SocketListener(Claim claim, Descriptor socket, WakePipe pipe)
      : claim_(std::move(claim)), socket_(std::move(socket)), pipe_(std::move(pipe)) {}

  void wait(bool wants_client, std::optional<Stream::Clock::time_point> until) override {
    pollfd all[] = {{pipe_.descriptor(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
    if (::poll(all, wants_client ? 2 : 1, milliseconds_until(until)) > 0 && all[0].revents != 0) pipe_.clear();
  }

  void wake() override { pipe_.wake(); }

  Result<std::shared_ptr<Stream>> accept() override {
#if defined(__linux__)
    Descriptor client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
#else
    Descriptor client(::accept(socket_.get(), nullptr, nullptr));
#endif
    if (!client.is_open()) {
      const bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (is_short) return no_more();
      return nullptr;  // it has gone again
    }
#if !defined(__linux__)
    make_own(client.get());
#endif
    auto stream = make_stream(std::move(client));
    if (!stream) return no_more();
    return stream;
  }

  void withdraw() override { claim_.reset(); }

  void close() override {
    claim_.reset();
    socket_.reset(-1);
  }

 private:
  std::optional<Claim> claim_;  // while it is held the path is ours
  Descriptor socket_;
  WakePipe pipe_;
};

// Each client takes three descriptors. macOS refuses more than this.
constexpr rlim_t most_descriptors = 10240;

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= most_descriptors) return;
  limit.rlim_cur = std::min(limit.rlim_max, most_descriptors);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const std::string &address) {
  raise_descriptor_limit();
  auto claim = Claim::take(address);
  if (!claim) return std::unexpected(claim.error());
  const auto name = socket_name(address);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  WakePipe pipe;
  if (!socket.is_open() || !pipe.is_open())
    return fail(Code::io_error, format("No socket: {}", std::generic_category().message(errno)));
  make_own(socket.get());
  // It must never be open to others, not even between two calls.
  const mode_t before = ::umask(S_IXUSR | S_IRWXG | S_IRWXO);
  const bool is_bound = ::bind(socket.get(), name->get(), name->size()) == 0;
  ::umask(before);
  if (is_bound) claim->add_socket();
  if (!is_bound || ::listen(socket.get(), SOMAXCONN) != 0)
    return fail(Code::io_error, format("{}: {}", address, std::generic_category().message(errno)));
  return std::make_unique<SocketListener>(std::move(*claim), std::move(socket), std::move(pipe));
}

}  // namespace arranger::server
#endif
