// SPDX-License-Identifier: MIT
// arranger-server: the engine in a process of its own, for clients in any language.
#include <atomic>
#include <cstdio>
#include <string>
#include <vector>

#include "base/command_line.hpp"
#include "base/file.hpp"
#include "base/format.hpp"
#include "base/log.hpp"
#include "base/version.hpp"
#include "control/plugins.hpp"
#include "listener.hpp"
#include "log_line.hpp"
#include "options.hpp"
#include "server.hpp"
#include "stop_signals.hpp"

namespace {

using namespace arranger;
using namespace arranger::server;

enum ExitCode { ended = 0, failed = 1, wrong_options = 2 };

std::atomic<Server *> running = nullptr;

void stop_running() {
  if (Server *const server = running) server->stop();
}

ExitCode refuse(ExitCode code, const Error &error) {
  log_line(format("{}: {}", info(error.code).name, error.message));
  return code;
}

void show(const std::string &text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void load_from(const std::vector<std::filesystem::path> &directories) {
  for (const FailedLoad &failure : load_builtin_plugins().failed)
    log_line(format("{}: {}: {}", info(failure.error.code).name, to_utf8(failure.path), failure.error.message));
  for (const FailedLoad &failure : Registry::instance().load_many(directories).failed)
    log_line(format("{}: {}: {}", info(failure.error.code).name, to_utf8(failure.path), failure.error.message));
}

ExitCode serve(const Options &options) {
  auto listener = Listener::open(options.address);
  if (!listener) return refuse(failed, listener.error());
  const LogListener log([](const LogEntry &entry) {
    if (entry.level != LogLevel::info) log_line(format("{}: {}", entry.source, entry.message));
  });
  Server server(std::move(*listener), options.exit_when_unused);
  running = &server;
  load_from(options.plugin_paths);
  ServerHandler handler(options.engine, {{"shutdown"}, stop_running});
  // Until here there is nothing to clean up, and loading may take long: a signal ends the process as it always does.
  on_stop_signal(stop_running);
  show(format("listening on {}\n", options.address));
  server.run(handler);
  running = nullptr;
  return ended;
}

}  // namespace

int main(int count, char **values) {
  ignore_broken_pipes();
  const auto options = read_options(command_line(count, values));
  if (!options) return refuse(wrong_options, options.error());
  if (options->help) return show(help_text()), ended;
  if (options->version) return show(format("{} {}\n", engine_name, engine_version)), ended;
  return serve(*options);
}
