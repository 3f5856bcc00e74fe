// SPDX-License-Identifier: MIT
#include "control/housekeeper.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "base/format.hpp"
#include "base/thread.hpp"
#include "control/libraries.hpp"
#include "control/live_events.hpp"
#include "plugin/guard.hpp"

namespace arranger {
namespace {

// So often it looks: as those want it who are told of something at their own pace, and ten times a second for all else.
constexpr std::chrono::milliseconds shortest_period{5}, longest_period{100};
constexpr int looks_per_interval = 10;
constexpr auto library_period = std::chrono::milliseconds(100);
constexpr auto port_period = std::chrono::seconds(1);
// After the half second in which the device calls it stuck: in all less than a second.
constexpr auto stuck_limit = std::chrono::milliseconds(300);

void send(const EventHub::Subscribers &to, const std::string &json) {
  for (const auto &subscriber : to) subscriber->emit(json);
}

MetersEvent meters_event(const Levels &levels) {
  const auto decibels = [](double level) {
    return json::Nullable{level > 0 ? std::optional(20 * std::log10(level)) : std::nullopt};
  };
  MetersEvent meters;
  meters.frames = levels.frames;
  for (const std::size_t channel : {0u, 1u}) {
    meters.peak_dbfs.push_back(decibels(static_cast<double>(levels.peak[channel])));
    meters.rms_dbfs.push_back(decibels(levels.rms(channel)));
  }
  return meters;
}

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
  if (!has_threads) return {};
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = start_thread([this] { run(); });
  if (!thread_.joinable()) return fail(Code::busy, "Expected a thread from the system but it gave none");
  is_woken_ = true;
  changed_.notify_all();
  return {};
}

void Housekeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    is_woken_ = false;
    lock.unlock();
    look();
    const auto wait =
        std::clamp<Clock::duration>(events_.shortest_interval() / looks_per_interval, shortest_period, longest_period);
    lock.lock();
    changed_.wait_for(lock, wait, [this] { return stopping_ || is_woken_; });
  }
}

void Housekeeper::look() {
  look_at_stuck();  // first: what asks the audio thread waits when that is stuck
  tell_overdue();
  tell_device();
  if (engine_.live()) tell_what_plays();
  if (Clock::now() >= next_look_) {
    engine_.collect();
    look_at_libraries();
    next_look_ = Clock::now() + library_period;
  }
  if (Clock::now() >= next_port_look_) {
    midi_.look();
    next_port_look_ = Clock::now() + port_period;
  }
}

// To each at its own pace.
void Housekeeper::tell_what_plays() {
  if (const auto to = events_.due("position"); !to.empty())
    send(to, event_text("position", reply_of(engine_.position())));
  if (const auto to = events_.due("stats"); !to.empty()) send(to, event_text("stats", stats_reply(engine_, events_)));
  if (const auto to = events_.due("meters"); !to.empty()) tell_meters(to);
  if (const auto to = events_.due("xrun"); !to.empty()) tell_xruns(to);
  if (!events_.due("plugin_fault").empty() || !events_.due("log").empty()) tell_faults();
  std::erase_if(told_, [](const auto &entry) { return entry.first.expired(); });
}

// What the meter gives is gone from it, so all who want levels at another pace are given their part of it.
void Housekeeper::tell_meters(const EventHub::Subscribers &to) {
  const auto live = engine_.live();
  if (!live) return;
  const Levels taken = live->player().take_levels();
  for (const auto &subscriber : events_.wanting("meters")) told_[subscriber].levels.add(taken);
  for (const auto &subscriber : to) {
    const Levels levels = std::exchange(told_[subscriber].levels, {});
    if (levels.frames > 0) subscriber->emit(event_text("meters", meters_event(levels)));
  }
}

void Housekeeper::tell_xruns(const EventHub::Subscribers &to) {
  const auto live = engine_.live();
  if (!live) return;
  const std::uint64_t xruns = live->device().stats().xruns;
  for (const auto &subscriber : to) {
    std::uint64_t &told = told_[subscriber].xruns;
    if (xruns > told) subscriber->emit(event_text("xrun", XrunEvent{xruns - told, xruns}));
    told = xruns;
  }
}

void Housekeeper::tell_faults() {
  const auto live = engine_.live();
  if (!live || live->player().faults() == 0) return failures_.clear();
  const std::vector<NodeShare> nodes = engine_.node_shares();
  if (nodes.empty()) return;  // no answer: the next look has one
  std::map<std::string, std::uint32_t> failures;
  for (const NodeShare &node : nodes) {
    if (node.fault == Fault::none || node.fault == Fault::isolated) continue;
    failures[node.node] = node.failure;
    const auto told = failures_.find(node.node);
    if (node.failure != 0 && (told == failures_.end() || told->second != node.failure)) tell_fault(node);
  }
  failures_ = std::move(failures);
}

// For those who want faults and for those who read the log.
void Housekeeper::tell_fault(const NodeShare &node) {
  FaultEvent event{node.node, node.plugin, node.fault};
  if (node.fault == Fault::crashed) event.signal = signal_name(node.how.signal);
  event.message =
      format("The node '{}' {} and is muted until reset_node{}", node.node, fault_text(node.fault, node.how),
             is_final(node.fault) ? "; what it held stays locked: restart the process when it is convenient" : "");
  tell(events_, "plugin_fault", event);
  log(LogLevel::error, node.plugin, event.message);
}

void Housekeeper::tell_log(const LogEntry &entry) {
  tell(events_, "log", LogEvent{entry.level, entry.source, entry.message});
}

void Housekeeper::tell_device() {
  const auto live = engine_.live();
  if (!live) return;
  if (playing_.lock() != live) {
    playing_ = live;
    losses_ = returns_ = 0;
    for (auto &[subscriber, told] : told_) told.xruns = 0;
  }
  const DeviceState device = live->device().state();
  if (device.losses > losses_) {
    tell(events_, "device_lost", DeviceLostEvent{device.wanted, device.reason});
    log(LogLevel::warning, "device",
        format("'{}' is lost ({}); the clock plays in its place", device.wanted, device.reason));
  }
  if (device.returns > returns_) {
    tell(events_, "device_found", DeviceFoundEvent{device.name});
    log(LogLevel::info, "device", format("'{}' is back", device.name));
  }
  losses_ = device.losses;
  returns_ = device.returns;
}

// Slow is not stuck: it is the same slice of the same plugin that must take so long.
void Housekeeper::look_at_stuck() {
  const auto call = engine_.stuck_call();
  if (!call || !stuck_ || *call != *stuck_) {
    stuck_ = call;
    stuck_since_ = Clock::now();
    is_stuck_told_ = false;
    return;
  }
  if (Clock::now() - stuck_since_ < stuck_limit) return;
  if (!std::exchange(is_stuck_told_, true)) {
    const Model model = engine_.model();
    const auto place = model.find_node(call->node, "");
    NodeShare node{call->node, place ? (*model.info)[*place].plugin_id : std::string()};
    node.fault = Fault::stuck;
    tell_fault(node);
  }
  const std::unique_lock turn(engine_.turn(), std::try_to_lock);
  if (!turn) return;  // the next look tries again
  if (auto done = engine_.leave_stuck(); !done)
    log(LogLevel::error, "engine", format("Playback cannot go on without it: {}", done.error().message));
  stuck_since_ = Clock::now();
}

// Whoever called it waits, and with it all that waits for its turn; nothing can be done but to say so.
void Housekeeper::tell_overdue() {
  for (const std::string &call : guard::overdue(std::chrono::seconds(1)))
    log(LogLevel::error, "engine",
        format("{}; edits of that engine wait for it, what plays and other engines do not", call));
}

void Housekeeper::look_at_libraries() {
  for (const std::filesystem::path &library : watch_.changed(Clock::now())) {
    const auto done = load(library);
    if (!done && done.error().code == Code::busy) {
      watch_.again(library);
      continue;
    }
    // One that is being written again comes at a later look.
    if (done || !watch_.is_settled(library)) continue;
    const auto &[code, message, place] = done.error();
    tell(events_, "library_failed", LibraryFailedEvent{to_utf8(library), std::string(info(code).name), message});
  }
}

// Anew, or for the first time.
Result<void> Housekeeper::load(const std::filesystem::path &library) {
  const auto libraries = Registry::instance().libraries();
  if (std::ranges::find(libraries, library, &LoadedLibrary::path) != libraries.end()) {
    // Who has it may be stuck in a plugin, and it is this thread that would say so.
    const std::unique_lock turn(engine_.turn(), std::try_to_lock);
    if (!turn) return fail(Code::busy, "Expected no edit under way but there is one");
    if (const auto done = reload_library(engine_, events_, library); !done) return std::unexpected(done.error());
    return {};
  }
  const auto loaded = Registry::instance().load(library);
  if (!loaded) return std::unexpected(loaded.error());
  if (auto done = revive(engine_, *loaded); !done) return done;
  tell(events_, "library_loaded",
       LibraryEvent{loaded->library_id, to_utf8(loaded->path), loaded->plugin_ids, loaded->generation});
  return {};
}

}  // namespace arranger
