// SPDX-License-Identifier: MIT
#include "midi/jack_server.hpp"

#if defined(__linux__)
#include <dlfcn.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>

#include "base/thread.hpp"

namespace arranger {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(2);
constexpr auto remembered = std::chrono::milliseconds(500);

std::mutex mutex;
std::uint32_t opened = 0;               // the last server
std::atomic<std::uintptr_t> ended = 0;  // the last one that has died
Clock::time_point next_try;             // opening takes milliseconds where no server is
bool stuck = false;

void on_shutdown(void *server) { ended.store(reinterpret_cast<std::uintptr_t>(server)); }

// A client that is never closed: it lives as long as its server. libjack waits for ever on locks that a killed process has left
// in its data base, so it does so on a thread that is given up then, and is not asked again.
bool open_client(void *library, std::uintptr_t server) {
  constexpr int start_no_server = 1;
  const auto open = reinterpret_cast<void *(*)(const char *, int, int *, ...)>(::dlsym(library, "jack_client_open"));
  const auto tell = reinterpret_cast<void (*)(void *, void (*)(void *), void *)>(::dlsym(library, "jack_on_shutdown"));
  if (!open || !tell || stuck) return false;
  const auto client = std::make_shared<std::promise<bool>>();
  auto answer = client->get_future();
  std::thread thread = start_thread([client, open, tell, server] {
    int status = 0;
    void *made = open("arranger-midi", start_no_server, &status);
    if (made) tell(made, on_shutdown, reinterpret_cast<void *>(server));
    client->set_value(made != nullptr);
  });
  if (!thread.joinable()) return false;
  thread.detach();
  stuck = answer.wait_for(patience) != std::future_status::ready;
  return !stuck && answer.get();
}

}  // namespace

std::uint32_t JackServer::running(void *library) {
  const std::lock_guard lock(mutex);
  if (opened > ended.load()) return opened;
  if (Clock::now() < next_try) return 0;
  const bool found = open_client(library, opened + 1);
  next_try = Clock::now() + remembered;
  return found ? ++opened : 0;
}

bool JackServer::lives(std::uint32_t number) { return number > ended.load(); }

}  // namespace arranger
#else
namespace arranger {
std::uint32_t JackServer::running(void *) { return 1; }
bool JackServer::lives(std::uint32_t) { return true; }
}  // namespace arranger
#endif
