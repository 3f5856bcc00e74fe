// SPDX-License-Identifier: MIT
#include "server.hpp"

#include <cstdlib>
#include <utility>

#include "log_line.hpp"

namespace arranger::server {
namespace {

using namespace std::chrono_literals;

constexpr auto retry_when_full = 100ms;
constexpr auto patience_without_guest = 30s;  // of a server that ends when it is unused
constexpr auto longest_end = 700ms;

}  // namespace

Server::Server(std::unique_ptr<Listener> listener, bool ends_when_unused)
    : listener_(std::move(listener)), ends_when_unused_(ends_when_unused) {}

Server::~Server() = default;

void Server::stop() {
  is_stopped_ = true;
  listener_->wake();
}

void Server::run(ServerHandler &handler) {
  const auto alone_until = Stream::Clock::now() + patience_without_guest;
  while (!is_stopped_) {
    see_off();
    let_in(handler);
    std::optional<Stream::Clock::time_point> until;
    if (is_full_) until = Stream::Clock::now() + retry_when_full;
    if (ends_when_unused_ && guests_.empty() && !is_full_) {
      if (had_guest_ || Stream::Clock::now() >= alone_until) {
        // Who has come at this very moment is served to the end.
        listener_->withdraw();
        let_in(handler);
        if (guests_.empty()) break;
      }
      until = alone_until;
    }
    listener_->wait(!is_full_, until);
  }
  end();
}

void Server::let_in(ServerHandler &handler) {
  while (!is_stopped_) {
    auto stream = listener_->accept();
    if (!stream && !std::exchange(is_full_, true)) log_line(stream.error().message);
    if (!stream) return;
    is_full_ = false;
    if (!*stream) return;
    admit(handler, std::move(*stream));
  }
}

void Server::admit(ServerHandler &handler, std::shared_ptr<Stream> stream) {
  Guest &guest = guests_.emplace_back(handler, std::move(stream));
  guest.thread = start_thread([this, &guest] {
    guest.connection.run();
    guest.has_left = true;
    listener_->wake();
  });
  if (guest.thread.joinable()) return;
  log_line("A client was sent away: the system has no thread for it");
  guests_.pop_back();
}

void Server::see_off() {
  std::erase_if(guests_, [this](Guest &guest) {
    if (!guest.has_left) return false;
    guest.thread.join();
    had_guest_ = had_guest_ || guest.connection.has_served();
    return true;
  });
}

// Whatever a plugin or a client does, it is over in less than a second.
void Server::end() {
  listener_->close();
  Thread watchdog = start_thread([] {
    sleep_for(longest_end);
    std::_Exit(EXIT_SUCCESS);
  });
  if (watchdog.joinable()) watchdog.detach();
  for (Guest &guest : guests_) guest.connection.stop();
  for (Guest &guest : guests_) guest.thread.join();
  guests_.clear();
}

}  // namespace arranger::server
