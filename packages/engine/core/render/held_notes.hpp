// SPDX-License-Identifier: MIT
// Notes that go on when one score takes the place of another.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "transport/score.hpp"

namespace arranger {

// A note of the old score that the new one has as well: same node, channel and key, begun on the same beat.
struct HeldNote {
  std::uint32_t before, now;  // ids
  const PlacedEvent *on;      // in the new timeline
  std::int64_t end;           // song frame of its note_off in the new timeline; INT64_MAX: none
};

// The event that ends a note, as its plugin knows it.
inline arr_event note_off_of(arr_event off, std::uint32_t sounding_id) {
  off.type = ARR_EVENT_NOTE_OFF;
  off.note_id = sounding_id;
  off.value = 0;
  return off;
}

using FrameRange = std::pair<std::int64_t, std::int64_t>;

// Those that sound in one of the ranges of the old score's song frames, sorted by `before`. [control]
std::vector<HeldNote> held_notes(const Score &old_score, const Schedule &old_schedule, const Score &score,
                                 const Schedule &schedule, const std::vector<FrameRange> &ranges);

}  // namespace arranger
