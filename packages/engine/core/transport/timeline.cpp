// SPDX-License-Identifier: MIT
#include "transport/timeline.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <unordered_map>

namespace arranger {
namespace {

enum Rank : std::int32_t { setup = -1, off = 0, tempo = 1, change = 2, on = 3 };

bool before(const TimedEvent &a, const TimedEvent &b) {
  return a.frame != b.frame ? a.frame < b.frame : a.rank < b.rank;
}

double bend_value(const ScheduledEvent &event) {
  const int value = event.pitch > 127 ? event.pitch : event.pitch + 128 * event.velocity;
  return (value - 8192) / 8192.0;
}

// The event as plugins see it; values are normalised as plugin.h says.
arr_event translate(const ScheduledEvent &source) {
  arr_event event{};
  event.channel = source.channel;
  event.key = source.pitch;
  event.value = source.velocity / 127.0;
  switch (source.kind) {
    case EventKind::note_on:
      event.type = source.velocity == 0 ? ARR_EVENT_NOTE_OFF : ARR_EVENT_NOTE_ON;
      break;
    case EventKind::note_off:
      event.type = ARR_EVENT_NOTE_OFF;
      break;
    case EventKind::program:
      event.type = ARR_EVENT_PROGRAM;
      event.value = source.velocity;
      break;
    case EventKind::volume:
      event.type = ARR_EVENT_VOLUME;
      event.value = source.pitch / 127.0;
      break;
    case EventKind::bend:
      event.type = ARR_EVENT_BEND;
      event.value = bend_value(source);
      break;
    case EventKind::cc:
      event.type = ARR_EVENT_CC;
      break;
    case EventKind::pressure:
      event.type = ARR_EVENT_PRESSURE;
      break;
    case EventKind::poly_pressure:
      event.type = ARR_EVENT_POLY_PRESSURE;
      break;
    case EventKind::control:
      event.type = ARR_EVENT_CONTROL;
      event.value = source.value;
      break;
    case EventKind::param:
    case EventKind::tempo:
      break;
  }
  return event;
}

Rank rank_of(const ScheduledEvent &source, const arr_event &event) {
  if (source.beat < 0) return setup;
  if (event.type == ARR_EVENT_NOTE_OFF) return off;
  return event.type == ARR_EVENT_NOTE_ON ? on : change;
}

// Which notes sound, oldest first, for every target, channel and key.
class SoundingNotes {
 public:
  std::uint32_t next_id() const { return static_cast<std::uint32_t>(next_.size()); }
  std::uint32_t begin(const TimedEvent &note) {
    const auto id = static_cast<std::uint32_t>(next_.size());
    next_.push_back(0);
    Queue &queue = find(note);
    if (queue.first == 0) queue.first = id;
    else next_[queue.last] = id;
    queue.last = id;
    return id;
  }
  // The id of the oldest note, or 0 when none sounds.
  std::uint32_t oldest(const TimedEvent &note) { return find(note).first; }
  // The same, and it sounds no longer.
  std::uint32_t end(const TimedEvent &note) {
    Queue &queue = find(note);
    const std::uint32_t id = queue.first;
    if (id != 0) queue.first = next_[id];
    return id;
  }

 private:
  struct Queue {
    std::uint32_t first = 0, last = 0;
  };
  using Keys = std::array<Queue, 16 * 128>;
  Queue &find(const TimedEvent &note) {
    auto &keys = targets_[note.target];
    if (!keys) keys = std::make_unique<Keys>();
    return (*keys)[static_cast<std::size_t>((note.event.channel & 15) * 128 + (note.event.key & 127))];
  }
  std::unordered_map<std::uint32_t, std::unique_ptr<Keys>> targets_;
  std::vector<std::uint32_t> next_ = {0};  // by note id; 0 ends a queue
};

std::uint64_t key_of(const TimedEvent &note) {
  return std::uint64_t{note.target} << 32 | std::uint32_t(note.event.channel) << 16 | std::uint32_t(note.event.key);
}

// The keys that begin to sound in one frame, and where the first such event was given. Looked up once per off that finds
// nothing sounding, so made only then, and once: a frame may have a hundred thousand of those.
class BegunKeys {
 public:
  BegunKeys(std::span<const TimedEvent> frame) : frame_(frame) {}
  // Whether the key of this off began with an event that was given before it.
  bool before(const TimedEvent &note) {
    if (!made_)
      for (const TimedEvent &event : frame_)  // ons come in the order given
        if (event.event.type == ARR_EVENT_NOTE_ON) keys_.try_emplace(key_of(event), event.event.data);
    made_ = true;
    const auto found = keys_.find(key_of(note));
    return found != keys_.end() && found->second < note.event.data;
  }

 private:
  std::span<const TimedEvent> frame_;
  std::unordered_map<std::uint64_t, std::uint64_t> keys_;
  bool made_ = false;
};

// Pairs the events of one frame. An off whose own on is in this very frame is moved to the next one; the on stands before
// it among set-up events, behind it among others. An off that was given before the on of its frame ends nothing. Until
// notes are paired, `data` is where an event was given. Answers whether one was moved.
bool pair_frame(std::span<TimedEvent> frame, SoundingNotes &sounding) {
  bool moved = false;
  BegunKeys begun(frame);
  const std::uint32_t first_id = sounding.next_id();
  for (TimedEvent &event : frame) {
    if (event.event.type == ARR_EVENT_NOTE_ON) event.event.note_id = sounding.begin(event);
    if (event.event.type != ARR_EVENT_NOTE_OFF) continue;
    const std::uint32_t oldest = sounding.oldest(event);
    if (oldest == 0 ? begun.before(event) : oldest >= first_id) {
      ++event.frame;
      event.rank = off;
      event.event.data = 0;  // it moves once
      moved = true;
    } else {
      event.event.note_id = sounding.end(event);
    }
  }
  return moved;
}

// A moved off takes its place in the next frame before it is paired there.
void pair_notes(std::vector<TimedEvent> &events) {
  SoundingNotes sounding;
  for (std::size_t first = 0; first < events.size();) {
    const std::int64_t frame = events[first].frame;
    std::size_t last = first;
    while (last < events.size() && events[last].frame == frame) ++last;
    if (pair_frame(std::span(events).subspan(first, last - first), sounding)) {
      std::size_t end = last;
      while (end < events.size() && events[end].frame == frame + 1) ++end;
      const auto from = events.begin() + static_cast<std::ptrdiff_t>(first);
      std::stable_sort(from, events.begin() + static_cast<std::ptrdiff_t>(end), before);
      while (events[last - 1].frame != frame) --last;
    }
    first = last;
  }
  for (TimedEvent &event : events)
    if (event.event.type != param_change) event.event.data = 0;
}

}  // namespace

TempoMap tempo_map(const Schedule &schedule, double sample_rate, double bpm) {
  std::vector<TempoChange> changes;
  for (const ScheduledEvent &event : schedule.events)
    if (event.kind == EventKind::tempo) changes.push_back({event.beat, event.value});
  return TempoMap(sample_rate, bpm, std::move(changes));
}

Timeline make_timeline(const Schedule &schedule, const TempoMap &map, const TargetLookup &targets) {
  std::vector<std::int64_t> nodes(schedule.nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = targets.events(schedule.nodes[i]);
  std::unordered_map<std::uint64_t, std::int64_t> params;
  const auto param_target = [&](const ScheduledEvent &event) {
    const auto key = std::uint64_t(std::uint32_t(event.node)) << 32 | std::uint32_t(event.param);
    const auto [place, fresh] = params.try_emplace(key, -1);
    if (fresh)
      place->second = targets.param(schedule.nodes[std::size_t(event.node)], schedule.params[std::size_t(event.param)]);
    return place->second;
  };

  Timeline timeline;
  timeline.events.reserve(schedule.events.size());
  for (const ScheduledEvent &source : schedule.events) {
    timeline.length_beats = std::max(timeline.length_beats, source.beat + static_cast<double>(source.ramp_beats));
    if (source.kind == EventKind::tempo || source.node < 0) continue;
    const bool is_param = source.param >= 0;
    const std::int64_t target = is_param ? param_target(source) : nodes[std::size_t(source.node)];
    if (target < 0) continue;
    TimedEvent timed{map.frame(source.beat), static_cast<std::uint32_t>(target), change, translate(source)};
    timed.rank = rank_of(source, timed.event);
    timed.event.data = timeline.events.size();
    if (is_param) {
      timed.event = {};
      timed.event.type = param_change;
      timed.event.value = source.value;
      timed.event.note_id = source.ramp_beats > 0 ? explicit_ramp : 0;
      const double end = source.beat + static_cast<double>(source.ramp_beats);
      timed.event.data = static_cast<std::uint64_t>(map.frame(end) - timed.frame);
    }
    timeline.events.push_back(timed);
  }
  if (!std::is_sorted(timeline.events.begin(), timeline.events.end(), before))
    std::stable_sort(timeline.events.begin(), timeline.events.end(), before);
  pair_notes(timeline.events);
  timeline.length = map.frame(timeline.length_beats);
  return timeline;
}

}  // namespace arranger
