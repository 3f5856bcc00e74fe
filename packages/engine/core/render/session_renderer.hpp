// SPDX-License-Identifier: MIT
// One session being played: a plan fed from a score by a playhead, block after block.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/returnable.hpp"
#include "graph/plan.hpp"
#include "plugin/shown_transport.hpp"
#include "render/held_notes.hpp"
#include "render/jump.hpp"
#include "render/score_memory.hpp"
#include "transport/score.hpp"

namespace arranger {

// A loop is [start, end) in song frames: an event at `end` is not played, a note that sounds there ends.
struct LoopRange {
  bool enabled = false;
  std::int64_t start = 0, end = 0;
  double start_beat = 0, end_beat = 0;
  Jump jump;  // to the start
};

// The id of a scheduled note, as plugins know it: no two scores that follow each other have one in common. Plugins and
// previews have their own beyond. `count`: notes since `id`.
constexpr std::uint32_t note_id_after(std::uint32_t id, std::uint32_t count) {
  constexpr std::uint32_t most_note_ids = 0x3fffffff;
  return 1 + (id - 1 + count) % most_note_ids;
}

// What the playhead needs of a score on one plan. Made on a control thread, given to the audio thread whole.
struct Course {
  std::shared_ptr<const Score> score;
  Binding binding;
  std::vector<double> bases;  // what clients set, by position in Timeline::params
  Jump to_start;
  LoopRange loop;
  std::uint32_t first_note_id = 1;  // of the score's notes, as plugins know them

  std::uint32_t note_id(std::uint32_t id) const { return note_id_after(first_note_id, id - 1); }
};

// Another score under way. The old one goes back in the change.
struct ScoreChange {
  std::unique_ptr<Course> course;
  ScoreMemory memory;
  Jump here;  // to about where the playhead is: what is in force there
  std::vector<HeldNote> held;
};

// A change of a parameter that waits for a beat of the song.
struct PendingChange {
  double beat;
  std::int64_t frame;
  std::uint32_t param;  // as the plan numbers it
  double value;
  std::int64_t ramp_frames;
  bool explicit_ramp;
};

// The events of a node of the schedule no longer reach one that goes on: what sounds there by them ends.
struct CutRoute {
  std::uint32_t schedule_node;
  std::uint32_t event_target;  // as the new plan numbers the receiver
};

// What sounds by a node of the schedule begins again at a receiver that is new.
struct AgainRoute {
  std::uint32_t schedule_node;
  std::uint32_t event_target;  // as the new plan numbers the receiver
};

struct ParamTarget {
  std::uint32_t param;  // as the plan numbers it
  double value;
};

// Another plan under way. Instances that both plans have go on as they are; the old plan and course go back in the change.
struct PlanChange final : Returnable {
  std::shared_ptr<Plan> plan;      // a crossing, or where there is none the one to stay; null: the plan that runs stays
  std::shared_ptr<Plan> settled;   // the one to stay, once the fades of a crossing are over
  std::unique_ptr<Course> course;  // on both
  TargetMap targets;               // from the old plan to the new one
  std::vector<ParamTarget> values;  // of nodes that go on
  Jump fresh;                       // what is in force for nodes that are new
  std::vector<CutRoute> cut;
  std::vector<AgainRoute> again;
};

struct Position {
  bool playing = false;
  std::int64_t steady_frame = 0;  // frames processed so far
  std::int64_t song_frame = 0;
  double beat = 0, bpm = 120, bar_beat = 0;
  std::int64_t bar = 0;
};

class SessionRenderer {
 public:
  // An offline renderer plays from the start; a live one is stopped there, and stops by itself after the last event.
  SessionRenderer(std::shared_ptr<Plan> plan, std::unique_ptr<Course> course, bool offline);
  // The same for a schedule at hand. [control]
  SessionRenderer(std::shared_ptr<Plan> plan, const Schedule &schedule, TempoMap map, bool offline);
  SessionRenderer(SessionRenderer &&) = default;

  // Several threads run the plans from here on, which were laid out for that. [control] Before the first block.
  void share_with(std::unique_ptr<Executor> executor) { executor_ = std::move(executor); }
  // [audio] After a block: who has helped rests.
  void end_block();

  // [audio] The next `frames` frames, planar, in slices of at most the plan's max_frames. The result does not depend on
  // how a stretch is cut into calls. `taps` has two channels for each of the plan's taps. Offline with several threads what
  // was asked for is all there after end_block().
  void render(float *left, float *right, std::int32_t frames, float *const *taps = nullptr);

  // [audio] What came in with the frames that are rendered next; valid as long as they are.
  void set_inputs(const float *const *channels, std::int32_t count) {
    transport_.inputs = {channels, count, steady_frame_};
  }

  // [audio] How long isolated nodes may take, until it is said again; nothing is said offline.
  void set_limit(const BlockLimit &limit) { transport_.limit = limit; }

  // [audio], between blocks; what they change begins with the next frame.
  void play() { playing_ = true; }
  // Every instance begins anew; `here`, a jump to about where the playhead is, says what is in force then.
  void reset(const Jump &here);
  void stop();
  void seek(const Jump &jump);     // drops what waits for a beat
  void set_loop(LoopRange &loop);  // exchanged: the old one goes back
  void replace_plan(std::unique_ptr<PlanChange> change);
  // [audio] What was let go since; null: nothing more.
  Returnable *take_returned() { return returned_.take(); }
  // Another score: the playhead keeps its beat, and so do the notes that it has as well; the others end.
  void replace_score(ScoreChange &change);
  void live_event(std::uint32_t event_target, const arr_event &event);  // at the next frame
  // Ends what the schedule has sounding; of one node of the schedule, or all (-1).
  void end_notes(std::int64_t schedule_node);
  void set_param(std::uint32_t param, double value, std::int64_t ramp_frames, bool explicit_ramp);  // at the next frame
  // When the playhead comes to the beat: at once if it is stopped or already past it. Lost when too many wait.
  void set_param_at(const PendingChange &change);
  void reset_node(std::size_t node) {
    plan_->reset_node(node);
    is_asleep_ = false;
  }

  // [audio] For how many frames all stays silent unless something is changed. So late may a client see where the playhead
  // is, so they are few.
  std::int32_t rest_frames() const;

  const Plan &plan() const { return *plan_; }
  std::uint64_t lost_events() const { return lost_ + plan_->lost_events(); }
  double sample_rate() const { return course_->score->tempo.sample_rate(); }  // Hz
  const Timeline &timeline() const { return course_->score->timeline; }
  Position position() const;

 private:
  // Where the sound of a slice goes.
  struct Target {
    float *left, *right;
    float *const *taps;
    std::int32_t offset, frames;
  };
  bool may_rest(std::int32_t frames) const;
  void rest(const Target &target);
  void put_out(const Target &target, bool of_tail) const;
  void run_plan(const Slice &slice, const Target &target);
  void finish_late();

  void settle();
  void show_transport();
  std::int32_t slice_frames(std::int32_t wanted) const;
  void advance(std::int32_t frames);
  void dispatch(const Slice &slice);
  void dispatch_until(std::int64_t song_frame);  // what the song has before that frame
  void deliver(const PlacedEvent &placed);
  void jump_to(const Jump &jump);
  void first(std::uint32_t event_target, const arr_event &event);
  void put_in_force(const Jump &jump, bool at_once);
  void catch_up(const Jump &jump);
  void renumber(const TargetMap &targets);
  void keep_notes(ScoreChange &change, std::int64_t song_frame);
  bool sounds() const { return steady_frame_ > 0 && (playing_ || !plan_->all_asleep()); }
  void set_base(std::uint32_t param, double value);
  void set_scheduled_param(std::uint32_t param, double value, std::int64_t ramp_frames, bool explicit_ramp);

  struct LiveEvent {
    std::uint32_t target;
    arr_event event;
  };

  std::unique_ptr<Executor> executor_;  // null: this thread alone
  std::shared_ptr<Plan> plan_;
  std::unique_ptr<PlanChange> crossing_;  // whose fades are not over
  ReturnList returned_;
  std::unique_ptr<Course> course_;
  ScoreMemory memory_;
  ShownTransport transport_;
  // Of the slice whose last steps the plan has left for the next; no frames: none.
  ShownTransport late_transport_;
  Target late_{};
  bool is_asleep_ = false;  // all of the plan, after the last block
  std::vector<float *> late_taps_;
  bool offline_;
  bool playing_ = false;
  std::int64_t steady_frame_ = 0;
  std::int64_t song_frame_ = 0;
  std::int64_t landed_ = 0;  // where the last jump put it
  std::size_t next_ = 0;     // among the timeline's events
  std::uint64_t lost_ = 0;
  // Lists of fixed capacity. What the next frame begins with, before and after what the song has there:
  std::vector<LiveEvent> first_, live_;
  std::vector<PendingChange> changes_;
  std::vector<PendingChange> pending_;  // by song frame
};

}  // namespace arranger
