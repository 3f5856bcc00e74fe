// SPDX-License-Identifier: MIT
#include "control/housekeeper.hpp"

#include <cmath>

#include "base/file.hpp"
#include "base/thread.hpp"
#include "control/libraries.hpp"
#include "control/live_events.hpp"

namespace arranger {
namespace {

constexpr auto period = std::chrono::milliseconds(5);
constexpr auto library_period = std::chrono::milliseconds(100);
constexpr auto port_period = std::chrono::seconds(1);

}  // namespace

Housekeeper::~Housekeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> Housekeeper::wake() {
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = start_thread([this] { run(); });
  if (!thread_.joinable()) return fail(Code::busy, "Expected a thread from the system but it gave none");
  return {};
}

void Housekeeper::run() {
  auto next_look = Clock::now(), next_port_look = next_look;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, period, [this] { return stopping_; })) {
    lock.unlock();
    if (due("position")) tell_position();
    if (due("meters")) tell_meters();
    if (due("stats")) events_.emit(event_text("stats", stats_reply(engine_)));
    if (due("xrun")) tell_xruns();
    if (due("plugin_fault")) tell_faults();
    if (Clock::now() >= next_look) {
      engine_.collect();
      look_at_libraries();
      next_look = Clock::now() + library_period;
    }
    if (Clock::now() >= next_port_look) {
      midi_.look();
      next_port_look = Clock::now() + port_period;
    }
    lock.lock();
  }
}

// Whether somebody wants the event and its interval is over.
bool Housekeeper::due(std::string_view event) {
  const auto interval = events_.wanted(event);
  if (!interval || !engine_.live()) return false;
  const auto now = Clock::now();
  const auto last = told_.find(event);
  if (last != told_.end() && std::chrono::duration<double, std::milli>(now - last->second).count() < *interval)
    return false;
  told_.insert_or_assign(std::string(event), now);
  return true;
}

void Housekeeper::tell_position() { events_.emit(event_text("position", reply_of(engine_.position()))); }

void Housekeeper::tell_meters() {
  const auto live = engine_.live();
  if (!live) return;
  MetersEvent meters;
  for (const int channel : {0, 1}) {
    const auto peak = static_cast<double>(live->player().take_peak(channel));
    meters.peak_dbfs.push_back({peak > 0 ? std::optional(20 * std::log10(peak)) : std::nullopt});
  }
  events_.emit(event_text("meters", meters));
}

void Housekeeper::tell_xruns() {
  const auto live = engine_.live();
  if (!live) return;
  const std::uint64_t xruns = live->device().stats().xruns;
  if (xruns > xruns_) events_.emit(event_text("xrun", XrunEvent{xruns - xruns_}));
  xruns_ = xruns;
}

void Housekeeper::tell_faults() {
  const auto live = engine_.live();
  if (!live || (live->player().faults() == 0 && failed_.empty())) return;
  std::set<std::string> failed;
  for (const NodeShare &node : engine_.node_shares())
    if (node.failed) failed.insert(node.node);
  for (const std::string &node : failed)
    if (!failed_.contains(node)) events_.emit(event_text("plugin_fault", FaultEvent{node}));
  failed_ = std::move(failed);
}

Housekeeper::FileState Housekeeper::state_of(const std::filesystem::path &path) {
  std::error_code ignored;
  FileState out;
  out.written = std::filesystem::last_write_time(path, ignored);
  out.size = std::filesystem::file_size(path, ignored);
  return out;
}

void Housekeeper::watch(const std::filesystem::path &library, bool enabled) {
  const std::lock_guard lock(mutex_);
  if (!enabled) watched_.erase(library);
  else watched_.try_emplace(library, Watched{state_of(library), state_of(library)});
}

std::vector<std::filesystem::path> Housekeeper::watched() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::filesystem::path> out;
  for (const auto &[path, state] : watched_) out.push_back(path);
  return out;
}

// A file is read when it has been the same for two looks: a linker writes for a while.
void Housekeeper::look_at_libraries() {
  std::vector<std::filesystem::path> changed;
  {
    const std::lock_guard lock(mutex_);
    for (auto &[path, watched] : watched_) {
      const FileState now = state_of(path);
      const bool settled = now == watched.seen && now.size != static_cast<std::uintmax_t>(-1);
      watched.seen = now;
      if (!settled || now == watched.loaded) continue;
      watched.loaded = now;
      changed.push_back(path);
    }
  }
  for (const std::filesystem::path &path : changed) reload(path);
}

void Housekeeper::reload(const std::filesystem::path &path) {
  const std::lock_guard turn(engine_.turn());
  if (auto done = reload_library(engine_, events_, path); !done && events_.wanted("library_failed")) {
    const Error &error = done.error();
    events_.emit(event_text("library_failed",
                            LibraryFailedEvent{to_utf8(path), std::string(info(error.code).name), error.message}));
  }
}

}  // namespace arranger
