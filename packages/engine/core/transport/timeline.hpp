// SPDX-License-Identifier: MIT
// A schedule made ready to play: events by song frame, for targets of one plan.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
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
  std::uint32_t target;  // as the plan numbers its event targets, or its parameters
  std::int32_t rank;     // order within a frame: set-up, off, tempo, program and controllers, on
  arr_event event;       // `frame` is filled when it is delivered
};

struct Timeline {
  std::vector<TimedEvent> events;  // sorted by (frame, rank, given order)
  std::int64_t length = 0;         // the last event's song frame
  double length_beats = 0;
};

// What a plan calls its targets; -1 where it has none, and the event is left out.
struct TargetLookup {
  std::function<std::int64_t(std::string_view node)> events;
  std::function<std::int64_t(std::string_view node, std::string_view param)> param;
};

// The tempo map of a schedule: `bpm` until the first tempo event.
TempoMap tempo_map(const Schedule &schedule, double sample_rate, double bpm);

// Places every event, gives each note an id and each note-off the id of the oldest sounding note of its target, channel
// and key; an off on its own on's frame comes one frame later. [control]
Timeline make_timeline(const Schedule &schedule, const TempoMap &map, const TargetLookup &targets);

}  // namespace arranger
