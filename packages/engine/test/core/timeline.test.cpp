// SPDX-License-Identifier: MIT
// From a schedule to events on frames: their order, their values and the notes they belong to.
#include "transport/score.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

// A timeline with its events as they are played.
struct Played : Timeline {
  explicit Played(Timeline timeline) : Timeline(std::move(timeline)) {
    for (const PlacedEvent &placed : Timeline::events) events.push_back(at(placed));
  }
  std::vector<TimedEvent> events;
};

Played timeline_of(const Schedule &schedule, double sample_rate = 48000, double bpm = 60) {
  return Played(make_timeline(std::make_shared<Schedule>(schedule), tempo_map(schedule, sample_rate, bpm)));
}

using Types = std::vector<int>;
Types types(const Played &timeline) {
  Types out;
  for (const TimedEvent &event : timeline.events) out.push_back(event.event.type);
  return out;
}

}  // namespace

TEST_CASE("events fall on the frame of their beat, by the tempo map of the schedule") {
  const auto timeline =
      timeline_of(Events().add(2.5, EventKind::note_on, "a").tempo(1, 120).add(0.25, EventKind::cc, "a"));
  REQUIRE(timeline.events.size() == 2);
  CHECK(timeline.events[0].frame == 12000);
  CHECK(timeline.events[1].frame == 48000 + 36000);
  CHECK(timeline.length_beats == 2.5);
  CHECK(timeline.length == 84000);
}

TEST_CASE("within a frame: set-up in the order of the file, off, changes, on; equals as given") {
  const auto timeline = timeline_of(Events()
                                        .add(0, EventKind::note_on, "a", 70)
                                        .add(0, EventKind::program, "a", 3)
                                        .add(-1, EventKind::note_on, "a", 60)
                                        .add(-2, EventKind::program, "a", 4)
                                        .add(-1, EventKind::volume, "a", 5)
                                        .add(0, EventKind::cc, "a", 7)
                                        .add(0, EventKind::note_off, "a", 61)
                                        .param(0, "a", "p", 1)
                                        .add(0, EventKind::note_on, "a", 71));
  CHECK(types(timeline) == Types{ARR_EVENT_NOTE_ON, ARR_EVENT_PROGRAM, ARR_EVENT_VOLUME, ARR_EVENT_NOTE_OFF,
                                 ARR_EVENT_PROGRAM, ARR_EVENT_CC, param_change, ARR_EVENT_NOTE_ON, ARR_EVENT_NOTE_ON});
  CHECK(timeline.events[7].event.key == 70);
  CHECK(timeline.events[8].event.key == 71);
  for (const TimedEvent &event : timeline.events) CHECK(event.frame == 0);
}

TEST_CASE("values are those that plugins expect") {
  const auto timeline = timeline_of(Events()
                                        .add(0, EventKind::note_on, "a", 60, 127, 9)
                                        .add(1, EventKind::note_on, "a", 60, 0, 9)  // velocity 0 is an off
                                        .add(2, EventKind::program, "a", 5, 128)
                                        .add(3, EventKind::volume, "a", 127)
                                        .add(4, EventKind::bend, "a", 8192, 0)
                                        .add(5, EventKind::bend, "a", 127, 127)  // low and high seven bits
                                        .add(6, EventKind::bend, "a", 0, 0)
                                        .add(7, EventKind::cc, "a", 64, 127)
                                        .add(8, EventKind::pressure, "a", 60, 127)
                                        .add(9, EventKind::poly_pressure, "a", 61, 127));
  const auto &events = timeline.events;
  REQUIRE(events.size() == 10);
  CHECK(events[0].event.channel == 9);
  CHECK(events[0].event.value == 1);
  CHECK(events[1].event.type == ARR_EVENT_NOTE_OFF);
  CHECK(events[1].event.note_id == events[0].event.note_id);
  CHECK(events[2].event.key == 5);
  CHECK(events[2].event.value == 128);
  CHECK(events[3].event.value == 1);
  CHECK(events[4].event.value == 0);
  CHECK(events[5].event.value == doctest::Approx(8191.0 / 8192));
  CHECK(events[6].event.value == -1);
  CHECK(events[7].event.key == 64);
  CHECK(events[7].event.value == 1);
  CHECK(events[8].event.value == 1);
  CHECK(events[9].event.key == 61);
  CHECK(events[9].event.value == 1);
}

TEST_CASE("an off ends the oldest sounding note of its node, channel and key") {
  const auto timeline = timeline_of(Events()
                                        .add(0, EventKind::note_on, "a")
                                        .add(1, EventKind::note_on, "a")
                                        .add(1, EventKind::note_on, "b")
                                        .add(1, EventKind::note_on, "a", 60, 100, 1)
                                        .add(2, EventKind::note_off, "a")
                                        .add(3, EventKind::note_off, "a")
                                        .add(4, EventKind::note_off, "a")
                                        .add(5, EventKind::note_off, "b")
                                        .add(6, EventKind::note_off, "a", 60, 0, 1));
  const auto id = [&](std::size_t index) { return timeline.events[index].event.note_id; };
  CHECK(id(4) == id(0));
  CHECK(id(5) == id(1));
  CHECK(id(6) == 0);  // nothing sounds
  CHECK(id(7) == id(2));
  CHECK(id(8) == id(3));
  CHECK(id(0) != 0);
  CHECK(id(0) != id(1));
}

TEST_CASE("an off on its own on's frame comes one frame later, also in a chain of such notes") {
  Events notes;
  for (int i = 0; i < 4; ++i) {
    const double beat = i / 48000.0;
    notes.add(beat, EventKind::note_on, "a").add(beat, EventKind::note_off, "a");
  }
  const auto timeline = timeline_of(notes);
  REQUIRE(timeline.events.size() == 8);
  CHECK(timeline.events[0].event.type == ARR_EVENT_NOTE_ON);
  std::map<std::uint32_t, std::int64_t> on, off;
  for (const TimedEvent &event : timeline.events)
    (event.event.type == ARR_EVENT_NOTE_ON ? on : off)[event.event.note_id] = event.frame;
  for (const auto &[id, frame] : on) {
    CAPTURE(frame);
    REQUIRE(off.contains(id));
    CHECK(off[id] == frame + 1);
  }
}

TEST_CASE("an off given before the on of its frame ends nothing") {
  const auto timeline = timeline_of(Events()
                                        .add(0, EventKind::note_on, "a")
                                        .add(1, EventKind::note_off, "a")
                                        .add(1, EventKind::note_off, "a")  // once too often, as files have it
                                        .add(1, EventKind::note_on, "a")
                                        .add(2, EventKind::note_off, "a"));
  REQUIRE(timeline.events.size() == 5);
  const auto &stray = timeline.events[2], &second = timeline.events[3], &last = timeline.events[4];
  CHECK(stray.event.note_id == 0);
  CHECK(stray.frame == second.frame);
  CHECK(second.event.type == ARR_EVENT_NOTE_ON);
  CHECK(last.event.note_id == second.event.note_id);
}

TEST_CASE("many offs that end nothing cost no more than others") {
  Events notes;
  constexpr int count = 20000;
  for (int i = 0; i < count; ++i) notes.add(i / 48000.0, EventKind::note_on, "a");
  for (int i = 0; i < count; ++i) notes.add(0, EventKind::note_off, "a");
  const auto timeline = timeline_of(notes);  // would take minutes if each moved from frame to frame
  CHECK(timeline.events.size() == 2 * count);
  CHECK(timeline.events.back().frame == count - 1);
}

TEST_CASE("a note of no length in the set-up ends one frame later, too") {
  const auto timeline = timeline_of(Events().add(-1, EventKind::note_on, "a").add(-1, EventKind::note_off, "a"));
  REQUIRE(timeline.events.size() == 2);
  CHECK(timeline.events[0].frame == 0);
  CHECK(timeline.events[1].frame == 1);
  CHECK(timeline.events[1].event.note_id == timeline.events[0].event.note_id);
}

TEST_CASE("random schedules: sorted, every note has its own id, no off ends a note twice or before it began") {
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    Events notes;
    const int keys = 1 + round % 5, spread = 1 + round % 40;
    std::map<int, int> balance;
    for (int i = 0; i < 400; ++i) {
      const double beat =
          static_cast<double>(random() % static_cast<unsigned>(spread * 3)) / 48000 * (round % 2 ? 1 : 0.5) -
          (random() % 30 == 0 ? 1 : 0);
      const auto kind = random() % 2 ? EventKind::note_on : EventKind::note_off;
      notes.add(beat, kind, random() % 3 ? "a" : "b", 60 + static_cast<int>(random() % static_cast<unsigned>(keys)),
                1 + static_cast<int>(random() % 127));
    }
    const auto timeline = timeline_of(notes);
    REQUIRE(timeline.events.size() == 400);
    std::map<std::uint32_t, const TimedEvent *> sounding;
    std::vector<bool> used(401);
    for (std::size_t i = 0; i < timeline.events.size(); ++i) {
      const TimedEvent &event = timeline.events[i];
      if (i > 0) {
        const TimedEvent &last = timeline.events[i - 1];
        const bool in_order = last.event.type == ARR_EVENT_NOTE_OFF || event.event.type == ARR_EVENT_NOTE_ON;
        CHECK((last.frame < event.frame || (last.frame == event.frame && (event.frame == 0 || in_order))));
      }
      const std::uint32_t id = event.event.note_id;
      if (event.event.type == ARR_EVENT_NOTE_ON) {
        REQUIRE(id > 0);
        REQUIRE(id <= 400);
        CHECK(!used[id]);
        used[id] = true;
        sounding[id] = &event;
      } else if (id != 0) {
        REQUIRE(sounding.contains(id));
        CHECK(sounding[id]->target == event.target);
        CHECK(sounding[id]->event.key == event.event.key);
        CHECK(sounding[id]->frame < event.frame);
        sounding.erase(id);
      } else {  // only where nothing of its key sounds
        for (const auto &[other, on] : sounding)
          CHECK((on->target != event.target || on->event.key != event.event.key));
      }
    }
  }
}

TEST_CASE("a value and a line become a parameter change; every node and parameter keeps its number") {
  const auto timeline = timeline_of(Events()
                                        .add(0, EventKind::note_on, "a")
                                        .param(1, "b", "p", 0.5)
                                        .param(2, "a", "p", 0.25, 0.5)
                                        .param(3, "b", "p", 1));
  REQUIRE(timeline.events.size() == 4);
  REQUIRE(timeline.params.size() == 2);
  CHECK(timeline.params[0] == ScheduledParam{1, 0});
  CHECK(timeline.params[1] == ScheduledParam{0, 0});
  CHECK(timeline.events[0].target == 0);
  CHECK(timeline.events[1].target == 0);
  CHECK(timeline.events[1].event.type == param_change);
  CHECK(timeline.events[1].event.note_id == 0);
  CHECK(timeline.events[1].event.value == 0.5);
  CHECK(timeline.events[2].target == 1);
  CHECK(timeline.events[2].event.note_id == explicit_ramp);
  CHECK(timeline.events[2].event.data == 24000);
  CHECK(timeline.events[3].target == 0);
  CHECK(timeline.length_beats == 3);
}

TEST_CASE("a controller has one number for each node, channel and controller; notes have none") {
  const auto timeline = timeline_of(Events()
                                        .add(0, EventKind::cc, "a", 7, 1)
                                        .add(1, EventKind::cc, "a", 7, 2)
                                        .add(2, EventKind::cc, "a", 8, 3)
                                        .add(3, EventKind::cc, "a", 7, 4, 1)
                                        .add(4, EventKind::program, "b", 7)
                                        .add(5, EventKind::note_on, "b", 7));
  std::vector<std::uint64_t> numbers;
  for (const TimedEvent &event : timeline.events) numbers.push_back(event.event.data);
  CHECK(numbers == std::vector<std::uint64_t>{1, 1, 2, 3, 4, 0});
  CHECK(timeline.controller_count == 4);
  CHECK(timeline.note_count == 1);
}

TEST_CASE("a hundred times the events of one frame take about a hundred times as long") {
  // Offs without a note, the worst case for whoever looks for their ons.
  const auto seconds = [](int count) {
    Events notes;
    for (int i = 0; i < count; ++i)
      notes.add(1, i % 2 ? EventKind::note_off : EventKind::note_on, "a", i % 2 ? 10 + i % 50 : 70 + i % 50);
    double best = 1e9;
    for (int round = 0; round < 3; ++round) {
      const double began = processor_seconds();
      CHECK(timeline_of(notes).events.size() == static_cast<std::size_t>(count));
      best = std::min(best, processor_seconds() - began);
    }
    return best;
  };
  const double small = seconds(1000);
  CHECK(seconds(100000) < small * 2000);  // quadratic: 10,000
}

TEST_CASE("many parameters of many nodes, each moved once, are each found again") {
  // A table of every parameter for every node would take 40 GB.
  constexpr int count = 100000;
  Schedule schedule;
  for (int i = 0; i < 2 * count; ++i)
    schedule.events.push_back({.beat = 0.001 * i, .node = i % count, .param = i % count, .kind = EventKind::param});
  const auto timeline = timeline_of(schedule);
  REQUIRE(timeline.params.size() == count);
  REQUIRE(timeline.events.size() == 2 * count);
  CHECK(timeline.params.back() == ScheduledParam{count - 1, count - 1});
  CHECK(timeline.events.back().target == count - 1);
  CHECK(timeline.events[count].target == 0);
}
