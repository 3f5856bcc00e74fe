// SPDX-License-Identifier: MIT
// Notes end, and events take effect when the descriptor says.
#include <algorithm>
#include <map>

#include "base/format.hpp"
#include "check.hpp"
#include "compare.hpp"

namespace arranger::validate {
namespace {

constexpr int rate = 48'000;
constexpr int on_at = 100, off_at = 9000;

std::string needs_notes(const Subject &subject) {
  if (!has_event_input(subject.ports())) return "it has no event input";
  if (!has_audio_output(subject.ports()) && !has_event_output(subject.ports())) return "it makes nothing of notes";
  return {};
}

// Notes all over the keyboard and the channels, some of them twice, ended by `end` events.
void add_held_notes(Music &music, arr_event_type end) {
  std::uint32_t id = 1;
  for (int n = 0; n < 40; ++n, ++id) {
    const int key = 24 + (n * 11) % 84, channel = n % 5 == 0 ? 9 : n % 3;
    music.events.push_back(note(ARR_EVENT_NOTE_ON, on_at + 37 * n, key, (20 + 2 * n) / 127.0, id, channel));
    music.events.push_back(note(end, off_at + 11 * n, key, 0.5, id, channel));
  }
  sort_by_frame(music.events);
}

// A note that was sent and never ended, for people; empty when there is none.
std::string sent_and_held(const Output &output) {
  std::map<std::pair<int, int>, int> sounding;
  for (const Sent &event : output.events) {
    int &count = sounding[{event.channel, event.key}];
    if (event.type == ARR_EVENT_NOTE_ON) ++count;
    else if (event.type == ARR_EVENT_NOTE_OFF || event.type == ARR_EVENT_NOTE_CHOKE) count = std::max(0, count - 1);
  }
  for (const auto &[note, count] : sounding)
    if (count > 0) return format("the note {} that it sent on channel {} was never ended", note.second, note.first);
  return {};
}

Result<void> notes_end(const Subject &subject) {
  for (const arr_event_type end : {ARR_EVENT_NOTE_OFF, ARR_EVENT_NOTE_CHOKE}) {
    auto rig = Rig::make(subject);
    if (!rig) return std::unexpected(rig.error());
    const std::int64_t tail = rig->instance().tail_frames();
    const std::int64_t ring = tail < 0 ? 30 * rate : std::min<std::int64_t>(tail, 90 * rate);
    const auto over = static_cast<int>(off_at + 600 + ring + rig->instance().latency_frames());
    Music heard = silence(subject.ports(), over + rate / 4);
    add_held_notes(heard, end);
    const auto output = rig->play(heard, {512});
    if (!output) return std::unexpected(output.error());
    const char *how = end == ARR_EVENT_NOTE_OFF ? "a note_off" : "a note_choke";
    if (const std::string sound = not_silent(*output, over); !sound.empty())
      return broken(
          format("{}, though every note had {} by frame {} and the tail is {} frames", sound, how, off_at + 600, tail));
    if (const std::string held = sent_and_held(*output); !held.empty()) return broken(held + ", after " + how);
  }
  return {};
}

std::string needs_grid(const Subject &subject) {
  if (!has_event_input(subject.ports())) return "it has no event input";
  return subject.descriptor().event_grid > 1 ? "" : "its grid is one frame: block_invariance says the rest";
}

// Two notes between the same two points of the grid are one.
Result<void> event_grid(const Subject &subject) {
  const int grid = subject.descriptor().event_grid;
  const auto run = [&](int frame) {
    Music heard = silence(subject.ports(), 8 * grid + 8000);
    heard.events.push_back(note(ARR_EVENT_NOTE_ON, frame, 60, 0.8, 1));
    return play(subject, heard, {100});
  };
  const auto early = run(2 * grid + 1), late = run(3 * grid);
  if (!early) return std::unexpected(early.error());
  if (!late) return std::unexpected(late.error());
  if (const std::string differs = difference(*early, *late, subject.descriptor().block_tolerance); !differs.empty())
    return broken(format("notes on frames {} and {} lie on one point of the grid of {} frames, but {}", 2 * grid + 1,
                         3 * grid, grid, differs));
  return {};
}

constexpr auto plugin = Check::Scope::plugin;
constexpr Check checks[] = {
    {"notes_end", plugin,
     "After a note_off or a note_choke for every note there is silence within the tail (30 s where it has no end), and "
     "every note that was sent is ended.",
     "End the voice of the note_id, of every key and channel, also when voices were stolen; declare the longest "
     "release "
     "as the tail.",
     needs_notes, notes_end},
    {"event_grid", plugin, "Events take effect on multiples of event_grid frames since reset, as declared.",
     "Round an event's frame up to the next point of the grid, counted from reset and not from the call.", needs_grid,
     event_grid, "determinism"},
};

}  // namespace

std::span<const Check> note_checks() { return checks; }

}  // namespace arranger::validate
