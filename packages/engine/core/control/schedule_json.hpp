// SPDX-License-Identifier: MIT
// A schedule's events as clients send them and get them back.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "control/event_kinds.hpp"
#include "control/items.hpp"

namespace arranger {

template <class Text>
struct EventOf : json::Request {
  double beat = 0;
  EventKind type = EventKind::note_on;
  Text node_id;
  std::int32_t channel = 0;
  std::optional<std::int32_t> pitch;
  std::optional<std::int32_t> velocity;
  double value = 0;
  Text param_id;
  double ramp_beats = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("beat", &EventOf::beat,
                    {.doc = "When; below 0 = set-up, before anything else.", .min = -1e9, .max = 1e9, .unit = "beats"}),
        json::field("type", &EventOf::type, {.doc = "What happens.", .required = true}),
        json::field("node_id", &EventOf::node_id, {.doc = "To whom; not for tempo and time_signature."}),
        json::field("channel", &EventOf::channel, {.doc = "MIDI channel, from 0.", .min = 0, .max = 15}),
        json::field(
            "pitch", &EventOf::pitch,
            {.doc = "Key, 60 unless given; program; cc number; volume; bend as 14 bits, or its low 7; numerator.",
             .min = 0,
             .max = 16383}),
        json::field(
            "velocity", &EventOf::velocity,
            {.doc = "0..127, 100 unless given for a note; cc value; pressure; bank 0..16383; bend's high 7 bits; "
                    "denominator.",
             .min = 0,
             .max = 16383}),
        json::field("value", &EventOf::value,
                    {.doc = "Of control and param: plain units. Of tempo: BPM.", .min = -1e12, .max = 1e12}),
        json::field("param_id", &EventOf::param_id, {.doc = "Of param, and of control where it moves a parameter."}),
        json::field("ramp_beats", &EventOf::ramp_beats,
                    {.doc = "Of param and tempo: length of the way from the value in force to the new one.",
                     .min = 0,
                     .max = 1e6,
                     .unit = "beats"})};
  }
};

// There may be millions: its texts are those of the request, or of the schedule that is written.
using EventJson = EventOf<std::string_view>;
// One that outlives both.
using OwnedEvent = EventOf<std::string>;

// Errors: invalid_request, out_of_range, with the event's path behind `path`.
Result<Schedule> read_schedule(const json::Items<EventJson> &events, std::string_view path);
json::Items<EventJson> write_schedule(std::shared_ptr<const Schedule> schedule);

}  // namespace arranger
