// SPDX-License-Identifier: MIT
// The schedule as a client gives it: events by beat, for nodes by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace arranger {

enum class EventKind : std::uint8_t {
  note_on,
  note_off,
  program,
  volume,
  bend,
  control,
  cc,
  pressure,
  poly_pressure,
  tempo,
  param,
  time_signature,
};

// One event; names are indices into the schedule's tables, so that a million of them stay small: 40 bytes each.
struct ScheduledEvent {
  double beat = 0;       // in quarter notes; below 0 = set-up, before anything else
  double value = 0;      // control: 0..1 or plain; tempo: BPM; param: plain units
  float ramp_beats = 0;  // param: length of the line, 0 = smoothed as declared; tempo: of the way there
  std::int32_t node = -1;
  std::int32_t param = -1;
  std::int16_t pitch = 0;     // key, program, controller, 14-bit bend or numerator
  std::int16_t velocity = 0;  // 0..127, cc value, bank or denominator
  std::uint8_t channel = 0;
  EventKind kind = EventKind::note_on;
};

struct Schedule {
  std::vector<std::string> nodes;
  std::vector<std::string> params;
  std::vector<ScheduledEvent> events;  // as given
};

}  // namespace arranger
