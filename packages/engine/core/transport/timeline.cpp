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

}  // namespace

arr_event to_plugin_event(const ScheduledEvent &source) {
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
    case EventKind::time_signature:
      break;
  }
  return event;
}

namespace {

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

// A moved off takes its place in the next frame before it is paired there. Answers how many notes there are.
std::uint32_t pair_notes(std::vector<TimedEvent> &events) {
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
  return sounding.next_id() - 1;
}

// What a controller is known by: chase needs the last value of each.
class Controllers {
 public:
  // From 1 on; 0 for events that set nothing lasting.
  std::uint64_t number(const TimedEvent &timed) {
    const arr_event &event = timed.event;
    const int row = row_of(event);
    if (row < 0) return 0;
    if (nodes_.size() <= timed.target) nodes_.resize(timed.target + 1);
    auto &numbers = nodes_[timed.target];
    if (!numbers) numbers = std::make_unique<Numbers>();
    std::uint32_t &number = (*numbers)[static_cast<std::size_t>((event.channel & 15) * rows + row)];
    if (number == 0) number = ++count_;
    return number;
  }
  std::uint32_t count() const { return count_; }

 private:
  static constexpr int rows = 128 + 5;
  using Numbers = std::array<std::uint32_t, 16 * rows>;
  static int row_of(const arr_event &event) {
    switch (event.type) {
      case ARR_EVENT_CC:
        return event.key & 127;
      case ARR_EVENT_PROGRAM:
        return 128;
      case ARR_EVENT_VOLUME:
        return 129;
      case ARR_EVENT_BEND:
        return 130;
      case ARR_EVENT_PRESSURE:
        return 131;
      case ARR_EVENT_CONTROL:
        return 132;
      default:
        return -1;
    }
  }
  std::vector<std::unique_ptr<Numbers>> nodes_;
  std::uint32_t count_ = 0;
};

// Parameters that events move, each once.
class Params {
 public:
  std::uint32_t number(const ScheduledEvent &event, std::vector<ScheduledParam> &list) {
    const auto key = std::uint64_t(std::uint32_t(event.node)) << 32 | std::uint32_t(event.param);
    const auto [place, fresh] = numbers_.try_emplace(key, static_cast<std::uint32_t>(list.size()));
    if (fresh) list.push_back({event.node, event.param});
    return place->second;
  }

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
};

// By frame, rank and place, as a stable sort would. Small keys are sorted, and each event moves once.
void sort_events(std::vector<TimedEvent> &events) {
  struct Key {
    std::int64_t frame;
    std::uint32_t rank, place;
    auto operator<=>(const Key &) const = default;
  };
  std::vector<Key> keys;
  keys.reserve(events.size());
  for (const TimedEvent &event : events)
    keys.push_back({event.frame, static_cast<std::uint32_t>(event.rank + 1), static_cast<std::uint32_t>(keys.size())});
  std::sort(keys.begin(), keys.end());
  std::vector<TimedEvent> sorted;
  sorted.reserve(events.size());
  for (const Key &key : keys) sorted.push_back(events[key.place]);
  events = std::move(sorted);
}

bool is_played(const ScheduledEvent &event) {
  return event.node >= 0 && event.kind != EventKind::tempo && event.kind != EventKind::time_signature;
}

}  // namespace

Timeline make_timeline(const Schedule &schedule, const TempoMap &map) {
  Timeline timeline;
  Params params;
  timeline.events.reserve(schedule.events.size());
  for (const ScheduledEvent &source : schedule.events) {
    const double end = source.beat + static_cast<double>(source.ramp_beats);
    timeline.length_beats = std::max(timeline.length_beats, end);
    if (!is_played(source)) continue;
    TimedEvent timed{map.frame(source.beat), std::uint32_t(source.node), change, {}};
    if (source.param >= 0) {
      if (source.beat < 0) timed.rank = setup;
      timed.target = params.number(source, timeline.params);
      timed.event.type = param_change;
      timed.event.value = source.value;
      timed.event.note_id = source.ramp_beats > 0 ? explicit_ramp : 0;
      timed.event.data = static_cast<std::uint64_t>(map.frame(end) - timed.frame);
    } else {
      timed.event = to_plugin_event(source);
      timed.rank = rank_of(source, timed.event);
      timed.event.data = timeline.events.size();
    }
    timeline.events.push_back(timed);
  }
  if (!std::is_sorted(timeline.events.begin(), timeline.events.end(), before)) sort_events(timeline.events);
  timeline.note_count = pair_notes(timeline.events);
  Controllers controllers;
  for (TimedEvent &timed : timeline.events)
    if (timed.event.type != param_change) timed.event.data = controllers.number(timed);
  timeline.controller_count = controllers.count();
  timeline.length = map.frame(timeline.length_beats);
  return timeline;
}

}  // namespace arranger
