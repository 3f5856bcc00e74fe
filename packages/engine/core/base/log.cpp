// SPDX-License-Identifier: MIT
#include "base/log.hpp"
#include "base/thread.hpp"

#include <vector>

namespace arranger {
namespace {

struct Listeners {
  Mutex mutex;
  std::vector<LogListener *> all;
};

// Never destroyed: engines may end later than the statics of this library.
Listeners &listeners() {
  static auto &instance = *new Listeners;
  return instance;
}

}  // namespace

void log(LogLevel level, std::string_view source, std::string_view message) {
  Listeners &to = listeners();
  const std::lock_guard lock(to.mutex);
  if (to.all.empty()) return;
  const LogEntry entry{level, std::string(source), std::string(message)};
  for (const LogListener *listener : to.all) listener->hear_(entry);
}

LogListener::LogListener(std::function<void(const LogEntry &)> hear) : hear_(std::move(hear)) {
  const std::lock_guard lock(listeners().mutex);
  listeners().all.push_back(this);
}

LogListener::~LogListener() {
  const std::lock_guard lock(listeners().mutex);
  std::erase(listeners().all, this);
}

}  // namespace arranger
