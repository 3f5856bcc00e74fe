// SPDX-License-Identifier: MIT
// A position as clients see it, in replies and in events.
#pragma once

#include "control/fields.hpp"
#include "engine.hpp"

namespace arranger {

struct PositionReply {
  double beat = 0;
  bool playing = false;
  std::int64_t frame = 0, bar = 0;
  double bpm = 120;
  static constexpr auto fields() {
    return std::tuple{
        json::field("beat", &PositionReply::beat, {.doc = "Of the song, as heard.", .unit = "beats"}),
        json::field("playing", &PositionReply::playing, {.doc = "The playhead moves."}),
        json::field("frame", &PositionReply::frame, {.doc = "Frames processed; never jumps.", .unit = "frames"}),
        json::field("bar", &PositionReply::bar, {.doc = "Of the song, from 0."}),
        json::field("bpm", &PositionReply::bpm, {.doc = "Tempo there.", .unit = "BPM"})};
  }
};

inline PositionReply reply_of(const Position &position) {
  return {position.beat, position.playing, position.steady_frame, position.bar, position.bpm};
}

}  // namespace arranger
