// SPDX-License-Identifier: MIT
// A schedule made ready to play: events by song frame, for targets of one plan.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "arranger/plugin.h"
#include "transport/schedule.hpp"
#include "transport/tempo_map.hpp"

namespace arranger {

// The type of a parameter change among timed events: `value` is the new value, `data` the length of the line in frames,
// explicit_ramp in note_id when that replaces the parameter's own smoothing.
inline constexpr arr_event_type param_change = 0;
inline constexpr std::uint32_t explicit_ramp = 1;

// An event on its frame, as it is played.
struct TimedEvent {
  std::int64_t frame;    // song frame
  std::uint32_t target;  // a node of the schedule, or of a parameter change one of Timeline::params
  arr_event event;       // `frame` is filled when it is delivered; `data` of a controller is its number, from 1 on
};

// The same as a timeline keeps it, small because there may be millions: what it is stands in the schedule.
struct PlacedEvent {
  std::int64_t frame;
  std::uint32_t source;  // position in Schedule::events
  std::uint32_t number;  // of a note its id, of a controller its number; of a parameter see Timeline::at
};

// A parameter that the schedule moves: positions in Schedule::nodes and Schedule::params.
struct ScheduledParam {
  std::int32_t node, param;
  bool operator==(const ScheduledParam &) const = default;
};

// A change of a parameter that has a length of its own.
struct ScheduledRamp {
  std::uint32_t param;  // position in Timeline::params
  std::int64_t frames;
};

// Events by song frame. Targets are the schedule's own numbers, so a timeline outlives the plans that it plays on.
struct Timeline {
  // Any thread, real-time safe.
  TimedEvent at(const PlacedEvent &placed) const;

  std::shared_ptr<const Schedule> schedule;
  std::vector<PlacedEvent> events;  // by frame; within one set-up, off, program and controllers, on; then as given
  std::vector<ScheduledParam> params;
  std::vector<ScheduledRamp> ramps;
  std::uint32_t note_count = 0;        // note ids are 1 .. note_count
  std::uint32_t controller_count = 0;  // of (node, channel, controller): programs, bends, volumes, …
  std::int64_t length = 0;             // the last event's song frame, its ramp included
  double length_beats = 0;
};

// The event as plugins see it: values are normalised as plugin.h says. Any thread.
arr_event to_plugin_event(const ScheduledEvent &source);

// Places every event, gives each note an id and each note-off the id of the oldest sounding note of its node, channel
// and key; an off on its own on's frame comes one frame later. [control]
Timeline make_timeline(std::shared_ptr<const Schedule> schedule, const TempoMap &map);

}  // namespace arranger
