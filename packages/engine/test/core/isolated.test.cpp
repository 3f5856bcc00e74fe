// SPDX-License-Identifier: MIT
// The calls of an isolated plugin when its process is late, gone or wild: the other side is played by the test.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "plugin/isolated_calls.hpp"
#include "transport/tempo_map.hpp"

#if !defined(_WIN32)
#include <fcntl.h>

using namespace arranger;
using namespace arranger::isolated;

namespace {

constexpr std::int32_t frames = 32;

std::vector<Port> ports() {
  std::vector<Port> out(3);
  out[0].id = "in";
  out[0].type = out[1].type = ARR_PORT_TYPE_EVENT;
  out[1].id = "thru";
  out[1].role = out[2].role = ARR_PORT_ROLE_OUTPUT;
  out[2].id = "sound";
  out[2].type = ARR_PORT_TYPE_AUDIO_MONO;
  return out;
}

arr_event note(arr_event_type type, int key, std::int32_t frame) {
  arr_event event{};
  event.type = type;
  event.key = key;
  event.frame = frame;
  return event;
}

struct EventList : arr_event_list {
  std::array<arr_event, 64> storage{};
  EventList() : arr_event_list{} {
    stride = sizeof(arr_event);
    events = storage.data();
    append = [](arr_event_list *list, const arr_event *event) {
      static_cast<EventList *>(list)->storage[list->count++] = *event;
      return std::int32_t{1};
    };
  }
  void add(const arr_event &event) { append(this, &event); }
};

// The engine's side, and the memory as the process sees it.
struct Session {
  SharedMemory memory = SharedMemory::make().value(), other;
  std::unique_ptr<Calls> calls;
  Memory process{ports(), frames};
  SharedSignal done;
  EventList in, out;
  std::array<float, frames> sound{};
  ShownTransport transport;
  std::array<float *, 1> channels{sound.data()};
  std::array<std::uint32_t, 3> hint_words{};
  std::array<std::uint32_t *, 3> hints{&hint_words[0], &hint_words[1], &hint_words[2]};
  std::array<arr_event_list *, 2> lists{&in, &out};
  arr_process call{};

  Session() {
    other = SharedMemory::inherited(::fcntl(static_cast<int>(memory.handle()), F_DUPFD_CLOEXEC, 0));
    calls = Calls::make(ports(), frames, memory, {}).value();
    process.attach(other.map(process.bytes()).value());
    done = SharedSignal(process.header->done);
    call.struct_size = sizeof call;
    call.frames = frames;
    call.transport = &transport.shown;
    call.channels = channels.data();
    call.hints = hints.data();
    call.events = lists.data();
  }

  // One block, whose time is over before the call begins when it is `late`.
  arr_process_status block(bool late) {
    using namespace std::chrono;
    const auto now = steady_clock::now();
    transport.limit = {++blocks, late ? now + microseconds(1) : now + seconds(60)};
    sound.fill(9);
    out.count = 0;
    const arr_process_status status = calls->process(&call);
    in.count = 0;
    return status;
  }
  void answer() { done.set(process.header->request.load()); }
  bool is_silent() const { return sound == std::array<float, frames>{} && (hint_words[2] & ARR_HINT_SILENT) != 0; }

  std::uint64_t blocks = 0;
};

}  // namespace

TEST_CASE("a block that an isolated node is late for is silent, and loses no event") {
  Session session;
  session.in.add(note(ARR_EVENT_NOTE_ON, 60, 3));
  CHECK(session.block(true) == ARR_PROCESS_CONTINUE);
  CHECK(session.is_silent());
  CHECK(*session.process.event_counts[0] == 1);  // it will come to it
  session.in.add(note(ARR_EVENT_NOTE_OFF, 60, 7));
  CHECK(session.block(false) == ARR_PROCESS_CONTINUE);  // it is at the first one still: nobody waits
  CHECK(session.is_silent());
  CHECK(*session.process.event_counts[0] == 1);
  CHECK(session.calls->misses() == 2);
  CHECK(session.calls->failure() == Failure::none);

  session.process.events[1][0] = note(ARR_EVENT_NOTE_OFF, 40, 5);  // what it sends in the late call
  *session.process.event_counts[1] = 1;
  session.answer();
  session.in.add(note(ARR_EVENT_NOTE_ON, 62, 9));
  session.block(true);
  REQUIRE(session.out.count == 1);
  CHECK(session.out.storage[0].key == 40);
  CHECK(session.out.storage[0].frame == 0);
  REQUIRE(*session.process.event_counts[0] == 2);
  CHECK(session.process.events[0][0].type == ARR_EVENT_NOTE_OFF);
  CHECK(session.process.events[0][0].frame == 0);
  CHECK(session.process.events[0][1].key == 62);
}

TEST_CASE("three late calls in a hundred blocks are a fault, and so is one that never ends") {
  Session often;
  arr_process_status status = ARR_PROCESS_CONTINUE;
  for (int late = 0; late < 3; ++late) {
    CHECK(status == ARR_PROCESS_CONTINUE);
    status = often.block(true);
    often.answer();
  }
  CHECK(status == process_failed);
  CHECK(often.calls->failure() == Failure::late);

  Session rarely;
  for (int late = 0; late < 6; ++late) {
    CHECK(rarely.block(true) == ARR_PROCESS_CONTINUE);
    rarely.answer();
    rarely.blocks += late_blocks / 2;
  }

  Session hangs;
  const auto began = std::chrono::steady_clock::now();
  while (hangs.block(true) == ARR_PROCESS_CONTINUE) CHECK(hangs.is_silent());
  CHECK(hangs.blocks > hang_blocks);
  CHECK(std::chrono::steady_clock::now() - began >= hang_limit);
}

TEST_CASE("nobody waits for a process that is gone, or believes one that is wild") {
  Session gone;
  gone.calls->end();
  CHECK(gone.block(false) == process_failed);
  CHECK(gone.is_silent());

  Session wild;
  wild.done.set(12345);
  CHECK(wild.block(false) == process_failed);
  CHECK(wild.calls->failure() == Failure::gone);

  Session greedy;
  greedy.block(true);
  *greedy.process.event_counts[1] = 0xffffffffu;
  *greedy.process.hints[2] = 0xffffffffu;
  for (std::uint32_t i = 0; i < most_output_events; ++i) greedy.process.events[1][i].type = ARR_EVENT_NOTE_ON;
  greedy.answer();
  greedy.out.append = [](arr_event_list *list, const arr_event *) { return ++list->count, std::int32_t{0}; };
  greedy.block(true);
  CHECK(greedy.out.count == most_output_events);
}

TEST_CASE("an isolated node finds the frame of every beat around the playhead, however long the tempo map") {
  std::vector<TempoChange> changes;
  for (int i = 0; i < 50000; ++i) changes.push_back({i * 0.25, 60 + i % 90 + 0.125, i % 3 ? 0 : 0.125});
  const TempoMap map(44100, 120, changes);
  Session session;
  session.transport.tempo = map.segments();
  for (const double here : {0.0, 100.0, 5000.0, 5001.0, 12499.0, 3.0}) {
    session.transport.shown.beat = here;
    session.block(true);
    session.answer();
    session.blocks += late_blocks;
    const Header &header = *session.process.header;
    const TempoSegments shown{{session.process.tempo, header.tempo_count}, header.sample_rate, header.tempo_serial};
    for (double beat = std::max(0.0, here - 500); beat < here + 500; beat += 0.3)
      CHECK(shown.frame(beat) == map.frame(beat));
  }
}
#endif
