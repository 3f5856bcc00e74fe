// SPDX-License-Identifier: MIT
// A schedule made ready to play: events by song frame, for targets of one plan.
#pragma once

#include <cstdint>
#include <vector>

#include "arranger/plugin.h"
#include "transport/schedule.hpp"
#include "transport/tempo_map.hpp"

namespace arranger {

// The type of a parameter change among timed events: `value` is the new value, `data` the length of the line in frames,
// explicit_ramp in note_id when that replaces the parameter's own smoothing.
inline constexpr arr_event_type param_change = 0;
inline constexpr std::uint32_t explicit_ramp = 1;

struct TimedEvent {
  std::int64_t frame;    // song frame
  std::uint32_t target;  // a node of the schedule, or of a parameter change one of Timeline::params
  std::int32_t rank;     // order within a frame: set-up, off, tempo, program and controllers, on
  arr_event event;       // `frame` is filled when it is delivered; `data` of a controller is its number, from 1 on
};

// A parameter that the schedule moves: positions in Schedule::nodes and Schedule::params.
struct ScheduledParam {
  std::int32_t node, param;
  bool operator==(const ScheduledParam &) const = default;
};

// Events by song frame. Targets are the schedule's own numbers, so a timeline outlives the plans that it plays on.
struct Timeline {
  std::vector<TimedEvent> events;  // sorted by (frame, rank, given order)
  std::vector<ScheduledParam> params;
  std::uint32_t note_count = 0;        // note ids are 1 .. note_count
  std::uint32_t controller_count = 0;  // of (node, channel, controller): programs, bends, volumes, …
  std::int64_t length = 0;             // the last event's song frame, its ramp included
  double length_beats = 0;
};

// The event as plugins see it: values are normalised as plugin.h says. Any thread.
arr_event to_plugin_event(const ScheduledEvent &source);

// Places every event, gives each note an id and each note-off the id of the oldest sounding note of its node, channel
// and key; an off on its own on's frame comes one frame later. [control]
Timeline make_timeline(const Schedule &schedule, const TempoMap &map);

}  // namespace arranger
