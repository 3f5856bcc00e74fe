// SPDX-License-Identifier: MIT
// What the process has to tell a person: one function to say it, any number of listeners to pass it on.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace arranger {

enum class LogLevel { info, warning, error };

struct LogEntry {
  LogLevel level;
  std::string source;   // a plugin, a device, a port
  std::string message;  // one sentence
};

// Tells every listener, before it returns. Any thread but the audio thread, which counts what happens and lets others say it.
void log(LogLevel level, std::string_view source, std::string_view message);

// Hears everything from construction to destruction, on whatever thread it is said; it may not log itself. Any thread.
class LogListener {
 public:
  explicit LogListener(std::function<void(const LogEntry &)> hear);
  ~LogListener();
  LogListener(const LogListener &) = delete;
  LogListener &operator=(const LogListener &) = delete;

 private:
  friend void log(LogLevel, std::string_view, std::string_view);
  std::function<void(const LogEntry &)> hear_;
};

}  // namespace arranger
