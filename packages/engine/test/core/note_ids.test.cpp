// SPDX-License-Identifier: MIT
// Notes that plugins send: every one has an id, and its end has the same.
#include "graph/note_ids.hpp"

#include <set>

#include "plan_bench.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

arr_event note(arr_event_type type, int key, std::uint32_t id = 0, int channel = 0) {
  arr_event event{};
  event.type = type;
  event.key = key;
  event.note_id = id;
  event.channel = static_cast<std::uint16_t>(channel);
  return event;
}

std::uint32_t apply(NoteIds &ids, arr_event event) {
  ids.apply(event);
  return event.note_id;
}

Graph sender(double fails = 0) {
  return {{},
          {node("t", "track_source"), node("a", "test.anonymous", {{"fails", fails}}), node("mixer", "test.recorder")},
          {connect("t", "x", "a", "x"), connect("a", "events_out", "mixer", "events_in")}};
}

}  // namespace

TEST_CASE("an off without an id ends the oldest note of its channel and key") {
  NoteIds ids(0);
  const std::uint32_t first = apply(ids, note(ARR_EVENT_NOTE_ON, 60)), second = apply(ids, note(ARR_EVENT_NOTE_ON, 60)),
                      other = apply(ids, note(ARR_EVENT_NOTE_ON, 60, 0, 1)),
                      high = apply(ids, note(ARR_EVENT_NOTE_ON, 72));
  CHECK(std::set{first, second, other, high}.size() == 4);
  CHECK(first == NoteIds::first);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_OFF, 60)) == first);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_CHOKE, 72)) == high);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_OFF, 60, 0, 1)) == other);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_OFF, 60)) == second);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_OFF, 60)) == 0);  // a stray
}

TEST_CASE("a plugin's own ids are kept, and events of other types left alone") {
  NoteIds ids(5);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_ON, 60, 17)) == 17);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_ON, 60)) == NoteIds::first + 5);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_OFF, 60, 17)) == 17);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_OFF, 60)) == NoteIds::first + 5);
  CHECK(apply(ids, note(ARR_EVENT_CC, 60)) == 0);
}

TEST_CASE("ids go around their range; a note beyond the capacity is ended by its key") {
  NoteIds ids(NoteIds::range - 1);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_ON, 1)) == NoteIds::first + NoteIds::range - 1);
  CHECK(apply(ids, note(ARR_EVENT_NOTE_ON, 2)) == NoteIds::first);
  NoteIds full(0);
  for (std::uint32_t i = 0; i <= NoteIds::capacity; ++i)
    CHECK(apply(full, note(ARR_EVENT_NOTE_ON, static_cast<int>(i))) == NoteIds::first + i);
  CHECK(apply(full, note(ARR_EVENT_NOTE_OFF, NoteIds::capacity)) == 0);
  CHECK(apply(full, note(ARR_EVENT_NOTE_OFF, NoteIds::capacity - 1)) == NoteIds::first + NoteIds::capacity - 1);
}

TEST_CASE("what a plugin sends without ids arrives with them, the same however blocks are cut") {
  NodesLog &log = load_nodes();
  Events notes;
  for (int i = 0; i < 50; ++i) {
    notes.add((i * 37) / 24000.0, EventKind::note_on, "t", 60);
    notes.add((i * 37 + 90) / 24000.0, EventKind::note_off, "t", 60);
  }
  std::vector<std::uint32_t> before;
  for (const std::int32_t size : {4096, 1, 7, 64, 511}) {
    CAPTURE(size);
    auto renderer = open(sender(), notes);
    log.count = 0;
    play(renderer, 3000, size);
    std::vector<std::uint32_t> ids, sounding;
    for (const RecordedEvent &seen : recorded(log)) {
      ids.push_back(seen.event.note_id);
      REQUIRE(seen.event.note_id >= NoteIds::first);
      if (seen.event.type == ARR_EVENT_NOTE_ON) {
        sounding.push_back(seen.event.note_id);
        continue;
      }
      REQUIRE(!sounding.empty());
      REQUIRE(seen.event.note_id == sounding.front());
      sounding.erase(sounding.begin());
    }
    REQUIRE(ids.size() == 100);
    CHECK(sounding.empty());
    if (before.empty()) before = ids;
    CHECK(ids == before);
  }
}

TEST_CASE("a note that ends on the frame it begins on ends after it began") {
  NodesLog &log = load_nodes();
  Bench bench(sender());
  bench.note(10, "t", 60);
  bench.note(10, "t", 60, ARR_EVENT_NOTE_OFF);
  log.count = 0;
  bench.run(100);
  const auto seen = recorded(log);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].event.type == ARR_EVENT_NOTE_ON);
  CHECK(seen[1].event.type == ARR_EVENT_NOTE_OFF);
  CHECK(seen[1].event.note_id == seen[0].event.note_id);
}

TEST_CASE("two outputs that meet do not share ids") {
  NodesLog &log = load_nodes();
  Graph graph = sender();
  graph.nodes.push_back(node("b", "test.anonymous"));
  graph.connections.push_back(connect("t", "x", "b", "x"));
  graph.connections.push_back(connect("b", "events_out", "mixer", "events_in"));
  Bench bench(graph);
  for (int i = 0; i < 100; ++i) bench.note(i, "t", i);
  log.count = 0;
  bench.run(128);
  std::set<std::uint32_t> ids;
  for (const RecordedEvent &event : recorded(log)) ids.insert(event.event.note_id);
  CHECK(ids.size() == 200);
}

TEST_CASE("notes are ended over an edit, by a reset of their sender and when it is muted") {
  NodesLog &log = load_nodes();
  const auto events_of = [&](Bench &bench, std::int32_t frames) {
    log.count = 0;
    bench.run(frames);
    return recorded(log);
  };
  Bench bench(sender());
  bench.note(0, "t", 60);
  bench.note(1, "t", 62);
  bench.note(300, "t", 60, ARR_EVENT_NOTE_OFF);
  bench.note(500, "t", 62);
  bench.note(550, "t", 62, ARR_EVENT_NOTE_OFF);
  const auto begun = events_of(bench, 200);
  REQUIRE(begun.size() == 2);
  bench.edit(sender());
  const auto ended = events_of(bench, 200);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].event.note_id == begun[0].event.note_id);

  bench.plan->reset_node(std::size_t(bench.plan->position("a")));
  const auto after = events_of(bench, 200);
  REQUIRE(after.size() == 3);
  CHECK(after[0].steady_frame == 400);
  CHECK(after[0].event.type == ARR_EVENT_NOTE_OFF);
  CHECK(after[0].event.note_id == begun[1].event.note_id);
  CHECK(after[1].event.note_id == after[2].event.note_id);
  CHECK(after[1].event.note_id != begun[1].event.note_id);

  bench.note(600, "t", 64);
  bench.change(700, "a", "fails", 1);
  const auto muted = events_of(bench, 400);
  REQUIRE(muted.size() == 2);
  CHECK(muted[1].event.type == ARR_EVENT_NOTE_OFF);
  CHECK(muted[1].event.note_id == muted[0].event.note_id);
}
