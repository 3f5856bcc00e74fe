// SPDX-License-Identifier: MIT
#include "control/housekeeper.hpp"

#include <cmath>
#include <utility>

#include "base/file.hpp"
#include "base/format.hpp"
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
    tell_device();  // first: what asks the audio thread waits when that is stuck
    if (due("position")) tell_position();
    if (due("meters")) tell_meters();
    if (due("stats")) events_.emit(event_text("stats", stats_reply(engine_, events_)));
    if (due("xrun")) tell_xruns();
    if (due("plugin_fault") || due("log")) tell_faults();
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
  const Levels levels = live->player().take_levels();
  if (levels.frames == 0) return;
  const auto decibels = [](double level) {
    return json::Nullable{level > 0 ? std::optional(20 * std::log10(level)) : std::nullopt};
  };
  MetersEvent meters;
  meters.frames = levels.frames;
  for (const std::size_t channel : {0u, 1u}) {
    meters.peak_dbfs.push_back(decibels(static_cast<double>(levels.peak[channel])));
    meters.rms_dbfs.push_back(decibels(levels.rms(channel)));
  }
  events_.emit(event_text("meters", meters));
}

void Housekeeper::tell_xruns() {
  const auto live = engine_.live();
  if (!live) return;
  const std::uint64_t xruns = live->device().stats().xruns;
  if (xruns > xruns_) events_.emit(event_text("xrun", XrunEvent{xruns - xruns_, xruns}));
  xruns_ = xruns;
}

// For those who want faults and for those who read the log.
void Housekeeper::tell_faults() {
  const auto live = engine_.live();
  if (!live || live->player().faults() == 0) return failures_.clear();
  const std::vector<NodeShare> nodes = engine_.node_shares();
  if (nodes.empty()) return;  // no answer: the next look has one
  std::map<std::string, std::uint32_t> failures;
  for (const NodeShare &node : nodes) {
    if (node.fault == Fault::none || node.fault == Fault::isolated) continue;
    failures[node.node] = node.failures;
    if (const auto told = failures_.find(node.node); told != failures_.end() && told->second == node.failures) continue;
    const bool says_so = node.fault == Fault::error_status;
    if (events_.wanted("plugin_fault"))
      events_.emit(event_text(
          "plugin_fault",
          FaultEvent{node.node, node.plugin, says_so ? FaultReason::error_status : FaultReason::not_finite, {}}));
    log(LogLevel::error, node.plugin,
        format("The node '{}' {} and is muted until reset_node", node.node,
               says_so ? "reported an error" : "put out NaN or infinity"));
  }
  failures_ = std::move(failures);
}

void Housekeeper::tell_log(const LogEntry &entry) {
  if (events_.wanted("log")) events_.emit(event_text("log", LogEvent{entry.level, entry.source, entry.message}));
}

void Housekeeper::tell_device() {
  const auto live = engine_.live();
  if (!live) return;
  if (playing_.lock() != live) {
    playing_ = live;
    losses_ = returns_ = xruns_ = 0;
    is_stuck_ = false;
  }
  const DeviceState device = live->device().state();
  if (device.losses > losses_) {
    if (events_.wanted("device_lost"))
      events_.emit(event_text("device_lost", DeviceLostEvent{device.wanted, device.reason}));
    log(LogLevel::warning, "device",
        format("'{}' is lost ({}); the clock plays in its place", device.wanted, device.reason));
  }
  if (device.returns > returns_) {
    if (events_.wanted("device_found")) events_.emit(event_text("device_found", DeviceFoundEvent{device.name}));
    log(LogLevel::info, "device", format("'{}' is back", device.name));
  }
  losses_ = device.losses;
  returns_ = device.returns;
  tell_stuck(device);
}

void Housekeeper::tell_stuck(const DeviceState &device) {
  const bool was_stuck = std::exchange(is_stuck_, device.stuck_ms > 0);
  if (!is_stuck_ || was_stuck) return;
  const std::string node = engine_.stuck_node();
  const Model model = engine_.model();
  const auto place = model.find_node(node, "");
  const std::string plugin = place ? (*model.info)[*place].plugin_id : std::string();
  if (events_.wanted("plugin_fault"))
    events_.emit(event_text("plugin_fault", FaultEvent{node, plugin, FaultReason::stuck, {}}));
  log(LogLevel::error, plugin, format("The node '{}' does not return; nothing plays meanwhile", node));
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
