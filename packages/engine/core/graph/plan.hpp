// SPDX-License-Identifier: MIT
// What the audio thread runs: a flat list of steps over buffers from one arena. Nothing in it is looked up by name.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.hpp"
#include "base/error.hpp"
#include "graph/delays.hpp"
#include "graph/event_pool.hpp"
#include "graph/executor.hpp"
#include "graph/parameters.hpp"
#include "graph/pending.hpp"
#include "graph/renewal.hpp"
#include "graph/resolve.hpp"
#include "graph/steps.hpp"
#include "graph/tasks.hpp"

namespace arranger {

inline constexpr std::int32_t default_slice_frames = 128;  // small enough that the buffers of a chain stay in the cache

struct PlanOptions {
  double sample_rate = 48000;
  std::int32_t max_frames = default_slice_frames;  // of a slice, 1..8192
  bool offline = false;
  std::uint64_t seed = 0;
  Sharing sharing = Sharing::never;
  std::vector<int> taps;  // positions of nodes whose first audio output is wanted, each once
};

// Both channels of a mono output are the same.
struct Tap {
  const float *left, *right;
  bool is_of_tail = false;
};

struct NodeFault {
  std::string node_id;
  Fault fault;
  Interruption how;
};

// Where the targets of one plan are in another; -1: nowhere.
struct TargetMap {
  std::vector<std::int64_t> events, params;
};

using MonitorValues = std::map<std::pair<std::string, std::string>, std::vector<float>>;

// Whether the values of one parameter mean the same to the other.
bool same_scale(const Port &a, const Port &b);

// Activates the instances that are not active yet, loads their states, and aligns. Errors: plugin_failed with the node's path. [control]
Result<void> prepare(ResolvedGraph &graph, const PlanOptions &options);

class Plan {
 public:
  // Lays out steps and buffers; prepares the graph if that was not done. [control]
  static Result<std::unique_ptr<Plan>> compile(ResolvedGraph graph, const PlanOptions &options);
  // The same of a graph that was prepared with these options.
  static std::unique_ptr<Plan> compile_prepared(const ResolvedGraph &graph, const PlanOptions &options);

  // Where events for a node go, or the number of a parameter; -1: nowhere. [control]
  std::int64_t event_target(std::string_view node) const;
  std::int64_t param_target(std::string_view node, std::string_view param) const;

  TargetMap map_to(const Plan &other) const;

  // [audio] One slice: begin, then events and changes in order of frame, then run. What is given to a node whose inputs
  // are late waits for them.
  void begin(const Slice &slice);
  void deliver(std::uint32_t event_target, const arr_event &event);
  void change(std::uint32_t param, std::int32_t frame, double value, std::int64_t ramp_frames, bool explicit_ramp);
  void run(const Slice &slice, Executor *executor = nullptr);
  // [audio] So many frames in which all sleeps are over; nothing has run.
  void pass(std::int32_t frames) { steady_frame_ += frames; }
  // [audio] Offline, with an executor, the steps behind the last sum may be left by `run`, to run with the next slice's
  // first. Until then, or `finish`, what they put out is of the slice before; the transport of their slice must stay.
  bool has_left_tail() const { return has_left_tail_; }
  void keep_transport(const arr_transport *transport) { tail_slice_.transport = transport; }
  // [audio] Whether they must not be left now: a parameter of theirs moves.
  bool tail_moves() const;
  // [audio]
  void finish();

  // How many threads ran the last slices. Any thread.
  std::int32_t threads() const { return threads_.load(std::memory_order_relaxed); }

  // The value of a parameter before its control connections, and of what has come to it. [audio]
  double value(std::uint32_t param, std::int64_t steady_frame) const { return parameters_.value(param, steady_frame); }
  // The instance of a node, to go on with in another plan; null: no such node, or one without a plugin. [control]
  std::shared_ptr<Instance> instance(std::string_view node) const;
  const std::shared_ptr<Instance> &instance_at(std::size_t position) const { return instances_[position]; }
  // The position of a node in the graph; -1: no such node. [control]
  std::int64_t position(std::string_view node) const;

  // [control] Before `adopt`: finds what this plan has in common with the one that runs. Lines of the same source and
  // length, and the notes that a plugin has sent, are shared from then on, so only one of the two may run. Once for each
  // plan that may be the one that runs by then.
  void prepare_adoption(const Plan &old);
  // [audio] Between the last slice of the old plan and the first of this one. Instances that are in both go on as they
  // were: asleep or muted, their parameters where they are and in motion, with the notes they have sent
  // and what is given to them for later.
  void adopt(const Plan &old);
  // [audio] Between slices: all fades are over.
  void end_fades();
  // Whether its first slice ends notes that nothing else ends.
  bool cuts_notes() const { return cuts_notes_; }
  // The steady frame on which the fades of a crossing are over; INT64_MAX before it has taken over. Any thread.
  std::int64_t settles_at() const { return settles_at_.load(std::memory_order_relaxed); }

  // [audio] Silence: every instance is reset, no delay line and no queue holds anything, parameters are at their targets,
  // and what was muted is heard again.
  void reset_instances();
  // [audio] Resets one instance, ends the notes it has sent, and lets it be heard again when it was muted. By position; a
  // track source has none.
  void reset_node(std::size_t position);
  // [audio] Nothing sounds or is to come: every plugin sleeps or is muted, and all lines and queues are empty.
  bool all_asleep() const;
  // [audio]
  Fault fault(std::size_t position) const;
  std::uint32_t failure(std::size_t position) const;             // the number of its last, another each time; 0: none
  const Interruption &interruption(std::size_t position) const;  // of a fault that ended a call in the middle
  std::uint64_t fault_count() const;
  // [audio] The share of real time that a node takes, 0..1 and more, measured on one slice of 64.
  double share(std::size_t position) const;
  // The node whose plugin is being called, empty when none is, its instance, and how many slices were begun: a plugin is
  // stuck when neither changes. Any thread, while the plan lives.
  std::string inside() const;
  std::shared_ptr<Instance> instance_inside() const;
  std::uint64_t slices() const { return slices_.load(std::memory_order_relaxed); }

  // What a monitor shows; null: no such node or port. [control], and so is the address; the values are read on the audio
  // thread, or while nothing runs.
  const Monitor *monitor(std::string_view node, std::string_view port) const;
  // What all monitors show, by node and port. [control], while nothing runs.
  MonitorValues monitor_values() const;

  // The master's output, valid until the next slice; both channels of a mono master are the same.
  const float *left() const { return left_; }
  const float *right() const { return right_; }
  // The outputs of PlanOptions::taps, as there, valid until the next slice.
  const std::vector<Tap> &taps() const { return taps_; }
  const Parameters &parameters() const { return parameters_; }

  // Of a slice: at most as asked for, and at most the shortest input_delay of a cycle.
  std::int32_t max_frames() const { return max_frames_; }
  // Frames by which left() and right() lag what the schedule says. Any thread.
  std::int64_t latency_frames() const { return latency_frames_; }
  // The same at the outputs of a node; -1: no such node. Any thread.
  std::int64_t latency_of(std::string_view node) const;
  std::uint64_t lost_events() const { return *lost_; }
  std::vector<NodeFault> faults() const;                   // [control], while nothing runs
  std::vector<std::string> block_dependent_nodes() const;  // those that declare a block_tolerance

 private:
  friend class Compiler;
  Plan() = default;

  // An event input, and the lists that a scheduled event for one target goes to.
  struct EventInput {
    arr_event_list list;
    EventRoom room;       // of this slice, or for all its life
    bool is_merged;       // its room is its own: plugins send events, too
    PendingQueue *queue;  // of a node whose inputs are late, else null
    std::int64_t late;    // frames
    std::uint32_t number;
  };
  struct EventTarget {
    std::vector<EventInput *> inputs;
  };

  // Whose changes wait for `late` frames.
  struct LateParameter {
    PendingQueue *queue = nullptr;
    std::int64_t late = 0;
  };
  // The node's position and its port.
  struct Place {
    std::size_t node, port;
    bool operator==(const Place &) const = default;
  };
  struct LinePlace {
    const Instance *source;
    std::size_t port;
    std::int64_t frames;
    bool feedback;
    auto operator<=>(const LinePlace &) const = default;
  };
  struct PlannedLine {
    LinePlace place;
    std::shared_ptr<DelayLine> line;
    std::vector<DelayStep *> steps;
  };
  struct PlannedEventLine {
    LinePlace place;
    std::shared_ptr<PendingQueue> queue;
    EventDelayStep *step;
  };
  struct PlannedNoteIds {
    Place place;
    std::shared_ptr<NoteIds> ids;
    EventOutput *output;
  };
  // A snapshot that goes from an instance of the old plan to one of this plan.
  struct TakeOver {
    Renewal *renewal;
    Instance *now;
    PluginStep *step;
    const PluginStep *before;
  };
  // Who takes the place of an instance of another plan: itself, or another one by its renewal.
  struct Successor {
    std::int32_t node = -1;  // in this plan; -1: nobody
    bool is_same = true;     // instance, and so its ports
  };
  using Successors = std::vector<Successor>;  // by position in the other plan
  // What is in common with another plan.
  struct Adoption {
    const Plan *old = nullptr;
    std::vector<std::pair<PluginStep *, const PluginStep *>> steps;  // this plan's, the other's
    std::vector<std::pair<std::uint32_t, std::uint32_t>> params;     // the same
    std::vector<std::int64_t> inputs_by_old, params_by_old;          // -1: not in this plan
    std::vector<TakeOver> take_overs;
    std::vector<Instance *> woken;  // that did not run there: they begin from silence
  };
  static constexpr double fade_seconds = 0.01;
  static constexpr std::uint32_t queue_capacity = 1u << 14;

  Successors successors_of(const Plan &old) const;
  void map_node(std::size_t node, std::size_t there, const Plan &other, TargetMap &out) const;
  std::int64_t port_now(const Instance &before, const Successor &successor, std::size_t port) const;
  std::int64_t param_number(std::size_t node, std::size_t port) const;
  std::int64_t input_number(std::size_t node, std::size_t port) const;
  void pair_numbers(Adoption &adoption, const Successors &successors) const;
  void share_lines(const Plan &old);
  void share_note_ids(const Plan &old);
  void adopt_queue(const PendingQueue &old, const Adoption &adoption);
  void give(EventInput &input, const arr_event &event);
  void give_due(const Slice &slice);
  const PluginStep *step_inside() const;
  void forgive(PluginStep &step) const;
  void run_range(std::size_t first, std::size_t end, std::size_t thread, const Slice &slice);
  void run_task(std::uint32_t task, std::uint32_t thread);

  void run_tasks(Executor &executor);
  void lay_out_tasks();
  void change_now(std::uint32_t param, std::int32_t frame, double value, std::int64_t ramp_frames, bool explicit_ramp);
  void contain(Fault fault, const Interruption &how, const Slice &slice, std::atomic<std::uint32_t> &at);

  PlanOptions options_;
  std::int32_t max_frames_ = 0;
  std::int64_t latency_frames_ = 0;
  std::int64_t steady_frame_ = 0;  // of the slice in progress, then of the next
  std::atomic<std::uint64_t> slices_ = 0;
  static constexpr std::uint32_t nobody = UINT32_MAX;
  struct alignas(64) Inside {
    std::atomic<std::uint32_t> at = nobody;  // the number of the step that runs
  };
  std::array<Inside, most_threads> inside_;  // by thread
  std::unique_ptr<TaskGraph> tasks_;         // null: one thread runs it
  std::atomic<std::int32_t> threads_ = 1;
  std::size_t tail_ = SIZE_MAX;      // where the steps begin that may be left
  std::vector<char> is_tail_param_;  // by number; empty: there is no tail
  Slice slice_{}, tail_slice_{};     // in progress, and that of the tail
  bool has_left_tail_ = false;
  bool is_timed_ = false, is_task_timed_ = false;
  std::int64_t measured_frames_ = 0;
  std::vector<Adoption> adoptions_;                              // one for each plan that this one may follow
  PendingQueue *adopted_queue_ = nullptr;                        // for what waits in the one that it follows
  std::vector<std::pair<std::shared_ptr<Fade>, double>> fades_;  // and where they go
  std::int64_t fade_wait_ = 0;
  bool cuts_notes_ = false;
  std::atomic<std::int64_t> settles_at_ = INT64_MAX;
  std::vector<std::shared_ptr<Instance>> instances_;          // by position
  std::vector<std::shared_ptr<Renewal>> renewals_;            // by position; empty when there are none
  std::vector<std::shared_ptr<const std::string>> node_ids_;  // by position in the graph
  std::shared_ptr<const NameIndex> names_;                    // of nodes that do not leave
  std::vector<std::int64_t> output_latencies_;                // by position
  Arena steps_arena_, buffer_arena_, cold_arena_;
  std::vector<Step *> steps_;
  std::vector<PluginStep *> plugin_steps_;
  std::vector<PluginStep *> steps_by_node_;      // by position; null: a track source, a gain, or one that nobody hears
  std::vector<const GainStep *> gains_by_node_;  // by position; empty when there are none
  Parameters parameters_;
  std::vector<EventTarget> event_targets_;
  std::vector<EventInput *> inputs_;  // by number
  EventPool events_;
  std::vector<EventInput *> dirty_;                 // given events of the schedule in this slice
  std::vector<EventInput *> merged_;                // given events of plugins in any slice
  std::vector<Place> param_places_, input_places_;  // by number
  std::vector<PlannedLine> lines_;
  std::vector<PlannedEventLine> event_lines_;
  std::vector<PlannedNoteIds> note_ids_;               // one for each event output
  std::vector<std::unique_ptr<PendingQueue>> queues_;  // of what was given, one for each lateness
  std::vector<LateParameter> late_parameters_;         // by number; empty when nothing is late
  std::vector<std::int32_t> event_target_of_;          // by position; -1: takes none, or leaves
  std::vector<std::uint32_t> first_parameter_;         // its number, by position, and one behind them all
  std::vector<std::int32_t> first_input_;              // the same of event inputs; -1: it has none, or does not run
  std::size_t addressed_nodes_ = 0, addressed_params_ = 0;  // those that do not leave, which come first
  const float *left_ = nullptr;
  const float *right_ = nullptr;
  std::vector<Tap> taps_;
  std::uint64_t *lost_ = nullptr;
};

}  // namespace arranger
