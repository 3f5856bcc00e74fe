// SPDX-License-Identifier: MIT
// What is played by hand, kept as events of a schedule.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/thread.hpp"
#include "control/schedule_json.hpp"

namespace arranger {

// Any thread.
class MidiRecorder {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t most_events = 1'000'000;

  explicit MidiRecorder(const Engine &engine) : engine_(engine) {}

  bool is_recording() const;
  // Begins anew, unless it runs. `while_stopped`: also keeps what comes while the transport stands, where the playhead is.
  void start(bool while_stopped);
  // An event that was played, its beat not yet known.
  void add(OwnedEvent event, Time when);
  // Ends it, and with it the notes that still sound.
  struct Take {
    std::vector<OwnedEvent> events;  // by beat, then as they came
    std::uint64_t dropped = 0;       // beyond most_events
  };
  Take stop();

 private:
  struct Held {
    std::size_t event;  // its note_on
    Time since;
  };
  using Key = std::tuple<std::string, std::int32_t, std::int32_t>;  // node, channel, pitch
  static Key key_of(const OwnedEvent &event) { return {event.node_id, event.channel, event.pitch.value_or(0)}; }
  double in_order(double beat);
  double end_of(const Held &note, double beat, Time when) const;
  void end_note(const Held &note, double beat, Time when, std::int32_t velocity);

  const Engine &engine_;
  mutable Mutex mutex_;
  bool recording_ = false, while_stopped_ = false;
  Take take_;
  std::map<Key, std::vector<Held>> held_;  // oldest first
  double last_beat_ = 0;
};

}  // namespace arranger
