// SPDX-License-Identifier: MIT
// The playhead: play, stop, seek, loops and what they bring into force, at the frame, however blocks are cut.
#include <map>
#include <set>

#include "model.hpp"
#include "render/session_renderer.hpp"
#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr std::int64_t beat_frames = 24000;  // 120 BPM at 48 kHz

// A recorder behind a track, and a gain whose parameter the schedule may move.
Graph recorder_graph() {
  return {{},
          {node("track", "track_source"), node("rec", "test.recorder"), node("g", "test.gain", {{"gain", 0.25}}),
           node("mixer", "test.scale")},
          {connect("track", "x", "rec", "x"), connect("rec", "out", "g", "in"), connect("g", "out", "mixer", "in")}};
}

class Live {
 public:
  Live(const Schedule &schedule, std::int32_t size = 512, const Graph &graph = recorder_graph())
      : schedule_(schedule), size_(size), log_(load_nodes()) {
    log_.count = 0;
    auto resolved = resolve(graph);
    REQUIRE(resolved.has_value());
    PlanOptions options = options_of_tests();
    auto plan = Plan::compile(std::move(*resolved), options);
    REQUIRE(plan.has_value());
    score_ = std::make_shared<const Score>(make_score(std::make_shared<Schedule>(schedule), 48000, 120));
    plan_ = plan->get();
    renderer_ = std::make_unique<SessionRenderer>(std::move(*plan), course({}), false);
    renderer_->share_with(executor_of_tests());
  }
  SessionRenderer &operator*() { return *renderer_; }
  SessionRenderer *operator->() { return renderer_.get(); }

  std::unique_ptr<Course> course(LoopBeats loop) {
    auto out = std::make_unique<Course>();
    out->score = score_;
    out->binding = bind(*plan_, schedule_, score_->timeline);
    out->bases.assign(score_->timeline.params.size(), 0.25);
    out->to_start = jump(0);
    if (loop.enabled) out->loop = range(loop);
    return out;
  }
  Jump jump(double beat) {
    return make_jump(*score_, *plan_, bind(*plan_, schedule_, score_->timeline), score_->tempo.frame(beat),
                     [](std::uint32_t) { return 0.25; });
  }
  LoopRange range(LoopBeats loop) {
    return {
        true, score_->tempo.frame(loop.start), score_->tempo.frame(loop.end), loop.start, loop.end, jump(loop.start)};
  }
  void loop(double start, double end) {
    LoopRange wanted = range({true, start, end});
    renderer_->set_loop(wanted);
  }
  Stereo run(std::int64_t frames) { return play(*renderer_, static_cast<std::int32_t>(frames), size_); }
  // What the recorder was given: type, key and frame since the start.
  std::vector<RecordedEvent> events() const { return recorded(log_); }

 private:
  Schedule schedule_;
  std::int32_t size_;
  NodesLog &log_;
  std::shared_ptr<const Score> score_;
  const Plan *plan_ = nullptr;
  std::unique_ptr<SessionRenderer> renderer_;
};

using Heard = std::tuple<std::int64_t, int, int>;  // frame, type, key
std::vector<Heard> heard(const Live &live) {
  std::vector<Heard> out;
  for (const RecordedEvent &event : live.events())
    out.emplace_back(event.steady_frame, event.event.type, event.event.key);
  return out;
}

constexpr int on = ARR_EVENT_NOTE_ON, off = ARR_EVENT_NOTE_OFF, cc = ARR_EVENT_CC, program = ARR_EVENT_PROGRAM;

}  // namespace

TEST_CASE("a stopped playhead plays nothing; play begins where it is, stop keeps the place and ends what sounds") {
  for (const std::int32_t size : {1, 7, 64, 512, 4096}) {
    CAPTURE(size);
    Live live(Events().add(0, EventKind::note_on, "track", 60).add(1, EventKind::note_off, "track", 60), size);
    live.run(1000);
    CHECK(heard(live).empty());
    live->play();
    live.run(500);
    CHECK(live->position().song_frame == 500);
    live->stop();
    live.run(300);
    CHECK(live->position().song_frame == 500);
    CHECK(live->position().steady_frame == 1800);
    live->play();
    live.run(100);
    CHECK(heard(live) == std::vector<Heard>{{1000, on, 60}, {1500, off, 60}});
    CHECK(live->position().song_frame == 600);
  }
}

TEST_CASE("a loop is played again from its exact frame, its end left out, its notes ended; every pass is alike") {
  const Schedule schedule = Events()
                                .add(0, EventKind::note_on, "track", 60)
                                .add(0.125, EventKind::note_off, "track", 60)
                                .add(0.1, EventKind::note_on, "track", 61)  // still sounds at the end of the loop
                                .add(0.25, EventKind::note_on, "track", 62)
                                .add(0.3, EventKind::note_off, "track", 61);
  std::vector<Heard> expected;
  for (std::int64_t pass = 0; pass < 4; ++pass) {
    const std::int64_t from = pass * beat_frames / 4;
    if (pass > 0) expected.emplace_back(from, off, 61);
    expected.emplace_back(from, on, 60);
    expected.emplace_back(from + 2400, on, 61);
    expected.emplace_back(from + 3000, off, 60);
  }
  for (const std::int32_t size : {1, 7, 64, 511, 4096}) {
    CAPTURE(size);
    Live live(schedule, size);
    live.loop(0, 0.25);
    live->play();
    live.run(beat_frames);
    CHECK(heard(live) == expected);
    CHECK(live->position().song_frame == 0);
  }
}

TEST_CASE("a seek puts in force what playing from the start would have, and plays no note that began before") {
  const Schedule schedule = Events()
                                .add(-1, EventKind::program, "track", 3)
                                .add(0, EventKind::cc, "track", 7, 50)
                                .add(0, EventKind::note_on, "track", 60)
                                .add(1, EventKind::cc, "track", 7, 60)
                                .add(1, EventKind::program, "track", 4)
                                .add(2, EventKind::note_off, "track", 60)
                                .add(2.5, EventKind::note_on, "track", 61)
                                .add(3, EventKind::cc, "track", 64, 127)
                                .add(4, EventKind::note_off, "track", 61);
  Live live(schedule);
  live->seek(live.jump(1.5));
  live->play();
  live.run(beat_frames * 2);
  CHECK(heard(live) ==
        std::vector<Heard>{{0, cc, 7}, {0, program, 4}, {beat_frames, on, 61}, {beat_frames * 3 / 2, cc, 64}});
  CHECK(live.events()[0].event.value == doctest::Approx(60.0 / 127));

  // Back before the pedal: up it goes, since nothing has set it there.
  live->seek(live.jump(0.5));
  live.run(100);
  const auto events = live.events();
  std::map<std::pair<int, int>, double> last;
  for (std::size_t i = 4; i < events.size(); ++i)
    last[{events[i].event.type, events[i].event.key}] = events[i].event.value;
  CHECK(last.at({off, 61}) == 0);
  CHECK(last.at({cc, 64}) == 0);
  CHECK(last.at({cc, 7}) == doctest::Approx(50.0 / 127));
  CHECK(last.contains({program, 3}));
}

TEST_CASE("a parameter that the schedule moves is where playing would have brought it, also in the middle of a ramp") {
  const Schedule schedule =
      Events().param(1, "g", "gain", 1).param(2, "g", "gain", 0, 2).add(8, EventKind::cc, "track", 1, 1);
  const auto gain_after_seek = [&](double beat) {
    Live live(schedule);
    live->seek(live.jump(beat));
    live.run(1);
    return live->plan().parameters().value(static_cast<std::uint32_t>(live->plan().param_target("g", "gain")), 0);
  };
  CHECK(gain_after_seek(0.5) == 0.25);
  CHECK(gain_after_seek(1.5) == 1);
  CHECK(gain_after_seek(3) == doctest::Approx(0.5));
  CHECK(gain_after_seek(7) == 0);

  Live live(schedule);  // and back to what it was before the schedule moved it
  live->play();
  live.run(beat_frames * 3);
  live->seek(live.jump(0));
  live.run(1);
  const auto number = static_cast<std::uint32_t>(live->plan().param_target("g", "gain"));
  CHECK(live->plan().parameters().target(number) == 0.25);
}

TEST_CASE("a change that waits for a beat comes on its frame, once in a loop, and a seek drops it") {
  const auto value = [](Live &live) {
    return live->plan().parameters().target(static_cast<std::uint32_t>(live->plan().param_target("g", "gain")));
  };
  const auto pending = [](Live &live, double beat, double target) {
    const auto number = static_cast<std::uint32_t>(live->plan().param_target("g", "gain"));
    live->set_param_at({beat, static_cast<std::int64_t>(beat * beat_frames), number, target, 0, true});
  };
  Live live(Events().add(100, EventKind::cc, "track", 1, 1), 64);
  live->play();
  pending(live, 0.5, 0.75);
  live.run(beat_frames / 2);
  CHECK(value(live) == 0.25);
  live.run(64);
  CHECK(value(live) == 0.75);
  pending(live, 0.25, 0.5);  // past: now
  live.run(64);
  CHECK(value(live) == 0.5);
  pending(live, 10, 1);
  live->seek(live.jump(9.99));
  live.run(beat_frames);
  CHECK(value(live) == 0.5);

  for (int i = 0; i < 10000; ++i) pending(live, 20, 1);  // there is room for many; what finds none is counted
  CHECK(live->lost_events() > 0);
}

TEST_CASE("a song ends after its last event when all is asleep, and goes back to its start; a loop does not end it") {
  Live live(Events().add(0, EventKind::note_on, "track", 60).add(0.5, EventKind::note_off, "track", 60));
  live->play();
  live.run(beat_frames / 2);
  CHECK(live->position().playing);
  live.run(48000 * 11);
  CHECK(!live->position().playing);
  CHECK(live->position().song_frame == 0);

  Live looped(Events().add(0, EventKind::note_on, "track", 60).add(0.5, EventKind::note_off, "track", 60));
  looped.loop(0, 4);
  looped->play();
  looped.run(48000 * 11);
  CHECK(looped->position().playing);

  // Beyond the loop it is a song like any other.
  Live beyond(Events().add(0, EventKind::note_on, "track", 60).add(3, EventKind::note_off, "track", 60));
  beyond.loop(0, 1);
  beyond->seek(beyond.jump(2));
  beyond->play();
  beyond.run(48000 * 12);
  CHECK(!beyond->position().playing);
}

TEST_CASE("what is played live comes after what the song has on the frame, and outlives stop and seek") {
  Live live(Events().add(0, EventKind::note_on, "track", 60).add(4, EventKind::cc, "track", 1));
  arr_event note{};
  note.type = ARR_EVENT_NOTE_ON;
  note.key = 70;
  note.note_id = 0x80000001u;
  live->live_event(static_cast<std::uint32_t>(live->plan().event_target("track")), note);
  live->play();
  live.run(100);
  live->stop();
  live->seek(live.jump(2));
  live.run(100);
  CHECK(heard(live) == std::vector<Heard>{{0, on, 60}, {0, on, 70}, {100, off, 60}});
}

TEST_CASE("random edits of the playhead leave no note behind, and give the same events however blocks are cut") {
  std::mt19937 random(17);
  for (int round = 0; round < 20; ++round) {
    Events events;
    for (int i = 0; i < 60; ++i) {
      const double beat = (random() % 800) / 100.0;
      const int key = 40 + static_cast<int>(random() % 8);
      events.add(beat, EventKind::note_on, "track", key)
          .add(beat + (random() % 300) / 100.0, EventKind::note_off, "track", key);
      if (i % 4 == 0)
        events.add(beat, EventKind::cc, "track", static_cast<int>(random() % 4), static_cast<int>(random() % 128));
    }
    const auto seed = random();
    const auto perform = [&](std::int32_t size) {
      std::mt19937 moves(seed);
      Live live(events, size);
      for (int step = 0; step < 25; ++step) {
        const double beat = (moves() % 900) / 100.0;
        switch (moves() % 5) {
          case 0:
            live->stop();
            break;
          case 1:
            live->seek(live.jump(beat));
            break;
          case 2:
            live.loop(beat, beat + 0.1 + (moves() % 100) / 100.0);
            break;
          default:
            live->play();
        }
        live.run(1 + moves() % 30000);
      }
      live->stop();
      live.run(10);
      return live.events();
    };
    const auto whole = perform(4096);
    std::map<std::uint32_t, int> sounding;
    for (const RecordedEvent &event : whole) {
      if (event.event.type == ARR_EVENT_NOTE_ON) CHECK(++sounding[event.event.note_id] == 1);
      if (event.event.type == ARR_EVENT_NOTE_OFF && event.event.note_id != 0)
        CHECK(--sounding[event.event.note_id] == 0);
    }
    for (const auto &[id, count] : sounding) CHECK(count == 0);
    const auto other = perform(77);
    REQUIRE(other.size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      CHECK(other[i].steady_frame == whole[i].steady_frame);
      CHECK(other[i].event.note_id == whole[i].event.note_id);
      CHECK(other[i].event.type == whole[i].event.type);
    }
  }
}
