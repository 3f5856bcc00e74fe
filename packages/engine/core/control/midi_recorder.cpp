// SPDX-License-Identifier: MIT
#include "control/midi_recorder.hpp"

#include <algorithm>
#include <utility>

namespace arranger {

bool MidiRecorder::is_recording() const {
  const std::lock_guard lock(mutex_);
  return recording_;
}

void MidiRecorder::start(bool while_stopped) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(recording_, true)) return;
  while_stopped_ = while_stopped;
  take_ = {};
  held_.clear();
  last_beat_ = 0;
}

// Calls of the audio function do not come evenly, so a time between two may seem to lie a little before the last one's.
double MidiRecorder::in_order(double beat) {
  constexpr double jitter_seconds = 0.02;
  if (beat < last_beat_ && engine_.beat_after(beat, jitter_seconds) >= last_beat_) beat = last_beat_;
  last_beat_ = beat;
  return beat;
}

// Where the playhead went back meanwhile (a loop, a seek), the note is as long as it was held.
double MidiRecorder::end_of(const Held &note, double beat, Time when) const {
  const double start = take_.events[note.event].beat;
  if (beat >= start) return beat;
  return engine_.beat_after(start, std::chrono::duration<double>(when - note.since).count());
}

void MidiRecorder::end_note(const Held &note, double beat, Time when, std::int32_t velocity) {
  OwnedEvent off = take_.events[note.event];
  off.type = EventKind::note_off;
  off.beat = end_of(note, beat, when);
  off.velocity = velocity;
  take_.events.push_back(std::move(off));  // never dropped: its note_on is there
}

void MidiRecorder::add(OwnedEvent event, Time when) {
  if (!is_recording()) return;
  const HeardBeat heard = engine_.heard_at(when);
  const std::lock_guard lock(mutex_);
  if (!recording_) return;
  if (event.type == EventKind::note_off) {
    const auto sounding = held_.find(key_of(event));
    if (sounding == held_.end()) return;  // it began before the recording
    end_note(sounding->second.front(), in_order(heard.beat), when, event.velocity.value_or(0));
    sounding->second.erase(sounding->second.begin());
    if (sounding->second.empty()) held_.erase(sounding);
    return;
  }
  if (!heard.playing && !while_stopped_) return;
  if (take_.events.size() >= most_events) {
    ++take_.dropped;
    return;
  }
  event.beat = in_order(heard.beat);
  if (event.type == EventKind::note_on) held_[key_of(event)].push_back({take_.events.size(), when});
  take_.events.push_back(std::move(event));
}

MidiRecorder::Take MidiRecorder::stop() {
  const Time now = std::chrono::steady_clock::now();
  const HeardBeat heard = engine_.heard_at(now);
  const std::lock_guard lock(mutex_);
  if (!std::exchange(recording_, false)) return {};
  std::vector<Held> open;
  for (const auto &[key, notes] : held_) open.insert(open.end(), notes.begin(), notes.end());
  std::ranges::sort(open, {}, &Held::event);
  for (const Held &note : open) end_note(note, in_order(heard.beat), now, 0);
  held_.clear();
  Take take = std::exchange(take_, {});
  std::ranges::stable_sort(take.events, {}, &OwnedEvent::beat);
  return take;
}

}  // namespace arranger
