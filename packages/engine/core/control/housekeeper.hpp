// SPDX-License-Identifier: MIT
// A thread beside live playback: it tells subscribers what happens, frees what the audio thread has let go, and watches
// plugin libraries for new builds and MIDI ports for cables.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/thread.hpp"
#include "control/events.hpp"
#include "control/library_watch.hpp"
#include "control/midi_hub.hpp"
#include "engine.hpp"

namespace arranger {

class Housekeeper {
 public:
  Housekeeper(Engine &engine, EventHub &events, MidiHub &midi) : engine_(engine), events_(events), midi_(midi) {}
  ~Housekeeper();

  // Starts the thread when there is something to do for it, or has it look now. Error: busy when the system has none.
  Result<void> wake();
  // Does all that is due now. By that thread, as often as those want it who are told; where there are no threads, by whoever has the only one.
  void look();
  // The libraries that are loaded again when their files change. Any thread.
  LibraryWatch &watch() { return watch_; }

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  void tell_what_plays();
  void tell_meters(const EventHub::Subscribers &to);
  void tell_xruns(const EventHub::Subscribers &to);
  void tell_faults();
  void tell_device();
  void tell_fault(const NodeShare &node);
  void look_at_stuck();
  void tell_overdue();
  void tell_log(const LogEntry &entry);
  void look_at_libraries();
  Result<void> load(const std::filesystem::path &library);

  Engine &engine_;
  EventHub &events_;
  MidiHub &midi_;
  mutable Mutex mutex_;
  Condition changed_;
  bool stopping_ = false, is_woken_ = false;
  Thread thread_;
  Clock::time_point next_look_{}, next_port_look_{};
  // What is between a subscriber's last event and its next.
  struct Told {
    Levels levels;
    std::uint64_t xruns = 0;
  };
  std::map<std::weak_ptr<Subscriber>, Told, std::owner_less<>> told_;
  std::map<std::string, std::uint32_t> failures_;  // that were told, by node
  std::weak_ptr<Live> playing_;                    // whose device these are told of
  std::uint64_t losses_ = 0, returns_ = 0;
  std::optional<StuckCall> stuck_;  // seen since
  Clock::time_point stuck_since_;
  bool is_stuck_told_ = false;
  LibraryWatch watch_;
  LogListener log_{[this](const LogEntry &entry) { tell_log(entry); }};  // ends first
};

}  // namespace arranger
