// SPDX-License-Identifier: MIT
#include "transport/timeline.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <unordered_map>

namespace arranger {
namespace {

// Order within a frame.
enum Rank : std::uint32_t { setup, off, change, on };

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

bool begins_note(const ScheduledEvent &event) { return event.kind == EventKind::note_on && event.velocity > 0; }
bool ends_note(const ScheduledEvent &event) {
  return event.kind == EventKind::note_off || (event.kind == EventKind::note_on && event.velocity == 0);
}

Rank rank_of(const ScheduledEvent &event) {
  if (event.beat < 0) return setup;
  return ends_note(event) ? off : begins_note(event) ? on : change;
}

bool is_played(const ScheduledEvent &event) {
  return event.node >= 0 && event.kind != EventKind::tempo && event.kind != EventKind::time_signature;
}

// By frame, rank (which is in `number`) and place. What comes by frame already, as most do, is only ordered within each.
void sort_events(std::vector<PlacedEvent> &events) {
  const auto before = [](const PlacedEvent &a, const PlacedEvent &b) {
    return std::tie(a.frame, a.number, a.source) < std::tie(b.frame, b.number, b.source);
  };
  if (!std::ranges::is_sorted(events, {}, &PlacedEvent::frame)) return std::sort(events.begin(), events.end(), before);
  for (auto first = events.begin(); first != events.end();) {
    auto last = first;
    bool sorted = true;
    for (++last; last != events.end() && last->frame == first->frame; ++last) sorted &= !before(*last, *(last - 1));
    if (!sorted) std::sort(first, last, before);
    first = last;
  }
}

// Which notes sound, oldest first, for every node, channel and key.
class SoundingNotes {
 public:
  std::uint32_t next_id() const { return static_cast<std::uint32_t>(next_.size()); }
  std::uint32_t begin(const ScheduledEvent &note) {
    const auto id = static_cast<std::uint32_t>(next_.size());
    next_.push_back(0);
    Queue &queue = find(note);
    if (queue.first == 0) queue.first = id;
    else next_[queue.last] = id;
    queue.last = id;
    return id;
  }
  // The id of the oldest note, or 0 when none sounds.
  std::uint32_t oldest(const ScheduledEvent &note) { return find(note).first; }
  // The same, and it sounds no longer.
  std::uint32_t end(const ScheduledEvent &note) {
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
  Queue &find(const ScheduledEvent &note) {
    const auto node = static_cast<std::size_t>(note.node);
    if (nodes_.size() <= node) nodes_.resize(node + 1);
    if (!nodes_[node]) nodes_[node] = std::make_unique<Keys>();
    return (*nodes_[node])[static_cast<std::size_t>((note.channel & 15) * 128 + (note.pitch & 127))];
  }
  std::vector<std::unique_ptr<Keys>> nodes_;
  std::vector<std::uint32_t> next_ = {0};  // by note id; 0 ends a queue
};

// In place of a number: an off that was moved.
constexpr std::uint32_t moved = UINT32_MAX;

// Gives each note its id, and each off that of the note which it ends.
class Pairing {
 public:
  Pairing(const Schedule &schedule, std::vector<PlacedEvent> &events) : schedule_(schedule), events_(events) {}

  // Answers how many notes there are.
  std::uint32_t run() {
    for (std::size_t first = 0; first < events_.size();) {
      const std::int64_t frame = events_[first].frame;
      std::size_t last = first;
      while (last < events_.size() && events_[last].frame == frame) ++last;
      const auto all = std::span(events_).subspan(first, last - first);
      // A moved off comes first in the next frame: only frame 0 has set-up events.
      if (pair_frame(all))
        std::ranges::stable_partition(all, [frame](const PlacedEvent &event) { return event.frame == frame; });
      while (events_[last - 1].frame != frame) --last;
      first = last;
    }
    return sounding_.next_id() - 1;
  }

 private:
  // An off whose own on is in this very frame is moved to the next one; the on stands before it among set-up events, behind
  // it among others. An off that was given before the on of its frame ends nothing. Answers whether one was moved.
  bool pair_frame(std::span<PlacedEvent> frame) {
    bool moves = false;
    begun_.reset();
    const std::uint32_t first_id = sounding_.next_id();
    for (PlacedEvent &event : frame) {
      const ScheduledEvent &source = schedule_.events[event.source];
      if (begins_note(source)) event.number = sounding_.begin(source);
      if (!ends_note(source)) continue;
      const std::uint32_t oldest = sounding_.oldest(source);
      if (oldest == 0 ? begun_before(event, frame) : oldest >= first_id) {
        ++event.frame;
        event.number = moved;  // it moves once
        moves = true;
      } else {
        event.number = sounding_.end(source);
      }
    }
    return moves;
  }
  // Whether the key of this off begins in its frame with an event that was given before it. The keys are looked up once per
  // off that finds nothing sounding, so they are listed only then, and once: a frame may have a hundred thousand of those.
  bool begun_before(const PlacedEvent &off_event, std::span<const PlacedEvent> frame) {
    if (off_event.number == moved) return false;
    if (!begun_) {
      begun_.emplace();
      for (const PlacedEvent &event : frame) {  // ons come in the order given
        const ScheduledEvent &source = schedule_.events[event.source];
        if (begins_note(source)) begun_->try_emplace(key_of(source), event.source);
      }
    }
    const auto found = begun_->find(key_of(schedule_.events[off_event.source]));
    return found != begun_->end() && found->second < off_event.source;
  }
  static std::uint64_t key_of(const ScheduledEvent &note) {
    return std::uint64_t(std::uint32_t(note.node)) << 32 | std::uint32_t(note.channel) << 16 |
           std::uint32_t(note.pitch);
  }

  const Schedule &schedule_;
  std::vector<PlacedEvent> &events_;
  SoundingNotes sounding_;
  std::optional<std::unordered_map<std::uint64_t, std::uint32_t>> begun_;  // to where the event was given
};

// What a controller is known by: chase needs the last value of each.
class Controllers {
 public:
  // From 1 on; 0 for events that set nothing lasting.
  std::uint32_t number(const ScheduledEvent &event) {
    const int row = row_of(event);
    if (row < 0) return 0;
    const auto node = static_cast<std::size_t>(event.node);
    if (nodes_.size() <= node) nodes_.resize(node + 1);
    if (!nodes_[node]) nodes_[node] = std::make_unique<Numbers>();
    std::uint32_t &number = (*nodes_[node])[static_cast<std::size_t>((event.channel & 15) * rows + row)];
    if (number == 0) number = ++count_;
    return number;
  }
  std::uint32_t count() const { return count_; }

 private:
  static constexpr int rows = 128 + 5;
  using Numbers = std::array<std::uint32_t, 16 * rows>;
  static int row_of(const ScheduledEvent &event) {
    switch (event.kind) {
      case EventKind::cc:
        return event.pitch & 127;
      case EventKind::program:
        return 128;
      case EventKind::volume:
        return 129;
      case EventKind::bend:
        return 130;
      case EventKind::pressure:
        return 131;
      case EventKind::control:
        return 132;
      default:
        return -1;
    }
  }
  std::vector<std::unique_ptr<Numbers>> nodes_;
  std::uint32_t count_ = 0;
};

// Parameters that events move, each once, in the order in which the schedule first names them. What is kept grows with how
// many there are, however great their positions. Most events move the parameter of the one before.
class Params {
 public:
  std::uint32_t number(const ScheduledEvent &event, std::vector<ScheduledParam> &list) {
    const std::uint64_t key = std::uint64_t(std::uint32_t(event.node)) << 32 | std::uint32_t(event.param);
    if (key == last_key_) return last_number_;
    const auto [found, is_new] = numbers_.try_emplace(key, static_cast<std::uint32_t>(list.size()));
    if (is_new) list.push_back({event.node, event.param});
    last_key_ = key;
    return last_number_ = found->second;
  }

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::uint64_t last_key_ = UINT64_MAX;  // of none: positions are not negative
  std::uint32_t last_number_ = 0;
};

// In the number of a parameter's event: the rest is a position in Timeline::ramps, otherwise in Timeline::params.
constexpr std::uint32_t ramp_bit = 0x80000000u;

// Numbers all but notes, which have theirs.
void number_events(Timeline &timeline, Params &params, const TempoMap &map) {
  Controllers controllers;
  for (PlacedEvent &placed : timeline.events) {
    const ScheduledEvent &source = timeline.schedule->events[placed.source];
    if (source.param < 0) {
      if (source.kind != EventKind::note_on && source.kind != EventKind::note_off)
        placed.number = controllers.number(source);
      continue;
    }
    placed.number = params.number(source, timeline.params);
    if (!(source.ramp_beats > 0)) continue;
    const double end = source.beat + static_cast<double>(source.ramp_beats);
    timeline.ramps.push_back({placed.number, map.frame(end) - placed.frame});
    placed.number = ramp_bit | static_cast<std::uint32_t>(timeline.ramps.size() - 1);
  }
  timeline.controller_count = controllers.count();
}

}  // namespace

TimedEvent Timeline::at(const PlacedEvent &placed) const {
  const ScheduledEvent &source = schedule->events[placed.source];
  TimedEvent out{placed.frame, static_cast<std::uint32_t>(source.node), {}};
  if (source.param < 0) {
    out.event = to_plugin_event(source);
    if (out.event.type == ARR_EVENT_NOTE_ON || out.event.type == ARR_EVENT_NOTE_OFF) out.event.note_id = placed.number;
    else out.event.data = placed.number;
    return out;
  }
  out.target = placed.number;
  out.event.type = param_change;
  out.event.value = source.value;
  if ((placed.number & ramp_bit) == 0) return out;
  const ScheduledRamp &ramp = ramps[placed.number & ~ramp_bit];
  out.target = ramp.param;
  out.event.note_id = explicit_ramp;
  out.event.data = static_cast<std::uint64_t>(ramp.frames);
  return out;
}

Timeline make_timeline(std::shared_ptr<const Schedule> schedule, const TempoMap &map) {
  Timeline timeline;
  timeline.schedule = std::move(schedule);
  const std::vector<ScheduledEvent> &sources = timeline.schedule->events;
  Params params;
  timeline.events.reserve(sources.size());
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    const ScheduledEvent &source = sources[i];
    timeline.length_beats = std::max(timeline.length_beats, source.beat + static_cast<double>(source.ramp_beats));
    if (!is_played(source)) continue;
    if (source.param >= 0) params.number(source, timeline.params);
    timeline.events.push_back({map.frame(source.beat), i, static_cast<std::uint32_t>(rank_of(source))});
  }
  sort_events(timeline.events);
  timeline.note_count = Pairing(*timeline.schedule, timeline.events).run();
  number_events(timeline, params, map);
  timeline.length = map.frame(timeline.length_beats);
  return timeline;
}

}  // namespace arranger
