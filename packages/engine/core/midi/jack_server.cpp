// SPDX-License-Identifier: MIT
#include "midi/jack_server.hpp"

#if defined(__linux__)
#include <dlfcn.h>

#include <atomic>
#include <mutex>

namespace arranger {
namespace {

std::mutex mutex;
std::uint32_t opened = 0;               // servers seen so far
std::atomic<std::uint32_t> living = 0;  // the number of the one that runs

void on_shutdown(void *) { living.store(0); }

}  // namespace

std::uint32_t JackServer::running(void *library) {
  constexpr int start_no_server = 1;
  const auto open = reinterpret_cast<void *(*)(const char *, int, int *, ...)>(::dlsym(library, "jack_client_open"));
  const auto tell = reinterpret_cast<void (*)(void *, void (*)(void *), void *)>(::dlsym(library, "jack_on_shutdown"));
  if (!open || !tell) return 0;
  const std::lock_guard lock(mutex);
  if (living.load() != 0) return living.load();
  int status = 0;
  void *client = open("arranger-midi", start_no_server, &status);  // never closed: it lives as long as its server
  if (!client) return 0;
  living.store(++opened);
  tell(client, on_shutdown, nullptr);
  return living.load();
}

bool JackServer::lives(std::uint32_t number) { return living.load() == number; }

}  // namespace arranger
#else
namespace arranger {
std::uint32_t JackServer::running(void *) { return 1; }
bool JackServer::lives(std::uint32_t) { return true; }
}  // namespace arranger
#endif
