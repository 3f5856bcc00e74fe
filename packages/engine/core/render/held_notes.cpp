// SPDX-License-Identifier: MIT
#include "render/held_notes.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

namespace arranger {
namespace {

struct Note {
  const PlacedEvent *on = nullptr;
  std::int64_t end = INT64_MAX;
};

// By id.
std::vector<Note> notes_of(const Timeline &timeline) {
  std::vector<Note> out(timeline.note_count + 1);
  for (const PlacedEvent &placed : timeline.events) {
    const arr_event_type type = timeline.at(placed).event.type;
    if (type == ARR_EVENT_NOTE_ON) out[placed.number].on = &placed;
    else if (type == ARR_EVENT_NOTE_OFF) out[placed.number].end = placed.frame;
  }
  return out;
}

// Node of the new schedule, channel, key, song frame.
using Key = std::tuple<std::uint32_t, std::uint16_t, std::int32_t, std::int64_t>;

}  // namespace

std::vector<HeldNote> held_notes(const Score &old_score, const Schedule &old_schedule, const Score &score,
                                 const Schedule &schedule, const std::vector<FrameRange> &ranges) {
  std::vector<std::int64_t> nodes;  // in the new schedule, by node of the old one
  for (const std::string &id : old_schedule.nodes) {
    const auto found = std::ranges::find(schedule.nodes, id);
    nodes.push_back(found == schedule.nodes.end() ? -1 : found - schedule.nodes.begin());
  }
  std::multimap<Key, std::uint32_t> wanted;  // to ids of the old score
  const std::vector<Note> old_notes = notes_of(old_score.timeline);
  for (std::uint32_t id = 1; id < old_notes.size(); ++id) {
    const Note &note = old_notes[id];
    if (!note.on) continue;
    const TimedEvent on = old_score.timeline.at(*note.on);
    if (nodes[on.target] < 0) continue;
    const bool sounds = std::ranges::any_of(
        ranges, [&](const FrameRange &range) { return note.on->frame <= range.second && note.end >= range.first; });
    if (!sounds) continue;
    wanted.emplace(
        Key{nodes[on.target], on.event.channel, on.event.key, score.tempo.frame(old_score.tempo.beat(on.frame))}, id);
  }
  std::vector<HeldNote> out;
  if (wanted.empty()) return out;
  const std::vector<Note> notes = notes_of(score.timeline);
  for (std::uint32_t id = 1; id < notes.size() && !wanted.empty(); ++id) {
    const Note &note = notes[id];
    if (!note.on) continue;
    const TimedEvent on = score.timeline.at(*note.on);
    // From frame to beat and back is exact for one tempo and off by at most a frame for two.
    for (const std::int64_t shift : {0, -1, 1}) {
      const auto found = wanted.find({on.target, on.event.channel, on.event.key, on.frame + shift});
      if (found == wanted.end()) continue;
      out.push_back({found->second, id, note.on, note.end});
      wanted.erase(found);
      break;
    }
  }
  std::ranges::sort(out, {}, &HeldNote::before);
  return out;
}

}  // namespace arranger
