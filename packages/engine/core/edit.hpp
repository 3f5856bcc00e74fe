// SPDX-License-Identifier: MIT
// One change of a session, made of any number of steps: each is validated against those before it, and none has happened
// until commit. What is playing gets them all between the same two frames.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/thread.hpp"
#include "live.hpp"
#include "migrate.hpp"
#include "model.hpp"

namespace arranger {

class Engine;

// What a node that was rebuilt with the same plugin, in whatever version, took over from its instance before.
struct NodeRenewal {
  enum class Snapshot { none, restored, layout_differs };
  std::string node, plugin;
  std::vector<std::string> kept, dropped;                    // parameters
  std::vector<std::pair<std::string, std::string>> renamed;  // parameters, before and now
  bool state = false;                                        // the plugin had one
  Snapshot snapshot = Snapshot::none;
};

struct GraphChange {
  std::vector<std::string> kept, added, removed, rebuilt;  // node ids
  std::vector<char> is_kept;                               // by position in the new graph
  std::vector<NodeRenewal> renewals;                       // of those rebuilt
  std::vector<Warning> warnings;
};

// Of one node: what set_state gives it.
struct NodeState {
  std::vector<std::pair<std::string, ParamValue>> params;
  std::int32_t plugin_version = 0;
  std::shared_ptr<const std::string> state;
};

// Of an event, by its place in the schedule.
struct EventWarning {
  std::size_t event;
  std::string_view field;
  std::string code, message;
};

struct ScheduleChange {
  std::int64_t events = 0;
  std::vector<EventWarning> warnings;
};

struct ParamChange {
  std::string_view node, param;
  double value = 0;               // in the parameter's unit
  std::optional<double> at_beat;  // none: now
  std::optional<double> ramp_ms;  // none: smoothed as the parameter declares
};

// A client's own event, beside the schedule.
struct PreviewEvent {
  EventKind kind = EventKind::note_on;
  std::string_view node;  // empty: the first track source
  int channel = 0;
  int pitch = 60;
  int velocity = 100;
  double value = 0;
};

// The position of a parameter among a node's ports. Error: unknown_param, with the nearest one.
Result<std::size_t> find_parameter_of(const NodeInfo &node, std::string_view param);

class Edit {
 public:
  // A quick edit keeps others out for as long as it lives; only what takes microseconds may be one. Any other is made by the
  // holder of the engine's turn.
  enum class Pace { quick, slow };
  Edit(Engine &engine, Pace pace);
  // What it lets go of ends without the lock: that runs code of plugins.
  ~Edit() {
    if (lock_.owns_lock()) lock_.unlock();
  }
  Edit(const Edit &) = delete;
  Edit &operator=(const Edit &) = delete;

  // Each step: all of it, or an error and nothing.
  Result<GraphChange> set_graph(Graph graph);
  // The same for the graph that is there and other params for nodes, by position; nothing, and nothing has happened, where
  // they change more than numbers or something about them is to be told.
  std::optional<GraphChange> set_values(const std::vector<std::pair<std::size_t, Node>> &nodes,
                                        std::optional<double> bpm);
  Result<std::vector<Warning>> set_node_config(std::string_view node,
                                               const std::vector<std::pair<std::string, ParamValue>> &config);
  Result<std::string> load_soundfont(std::string_view node,
                                     const std::string &path);  // an empty node: the first that can
  Result<GraphChange> unload_node(std::string_view node);
  Result<GraphChange> renew_graph();  // the same graph, with the plugins that the registry has now
  Result<GraphChange> renew_nodes(const std::vector<std::string> &nodes);  // the same, with new instances for these
  Result<GraphChange> set_node_state(std::string_view node, NodeState state);
  // Silence in the place of these plugins, which the registry no longer has; renew_graph brings them back when it has.
  Result<GraphChange> mute_plugins(const std::vector<std::string> &plugin_ids);
  Result<void> reset_node(std::string_view node);
  Result<void> set_param(const ParamChange &change);
  // What a MIDI controller's position, 0..127, means for a parameter: from min to max, even in its taper, on its grid.
  // Errors: unknown_node, unknown_param.
  Result<double> controlled_value(std::string_view node, std::string_view param, int position) const;
  // A number for a parameter, and the parameter of a number: node and param. Errors: unknown_node, unknown_param; of a number
  // whose node is gone or another one, out_of_range.
  Result<std::int64_t> handle_of(std::string_view node, std::string_view param) const;
  Result<std::pair<std::string, std::string>> lookup(std::int64_t handle) const;
  Result<ScheduleChange> set_schedule(Schedule schedule);
  void set_bpm(double bpm);
  // Those below need live playback.
  void play(bool reset);
  void stop();
  void seek(double beat);
  void set_loop(LoopBeats loop);
  Result<void> preview(const PreviewEvent &event);
  // Who gets it: a position in the graph. Errors: unknown_node, type_mismatch.
  Result<std::size_t> preview_node(std::string_view id) const;
  Result<void> all_notes_off(std::string_view node);  // empty: all

  // Makes the steps happen, at a steady frame that is past or now unless given. Errors, after which nothing has happened:
  // busy; for a frame, invalid_request and out_of_range.
  Result<void> commit(std::optional<std::int64_t> at_frame = {});

  const Model &model() {
    settle();
    return model_;
  }
  std::int32_t sample_rate() const;  // Hz

 private:
  using Step = std::function<void(Model &)>;
  Result<void> check_frame(std::optional<std::int64_t> at_frame) const;
  template <class Apply>
  void send(Apply apply) {
    if (live_) messages_.push_back(message(std::move(apply)));
  }
  void change(Step step);
  void change_later(Step step) { steps_.push_back(std::move(step)); }
  void settle();
  double beat_now() const;
  bool plays_now() const;
  Jump here();
  const Plan &plan() const { return *running_.plan; }
  Binding binding() const { return bind(plan(), *model_.schedule, score_->timeline); }
  // A node that stays what it is keeps its running instance.
  using Positions = std::span<const std::int64_t>;  // in the graph before, by node; -1: not there
  Result<ResolvedGraph> resolve_for(const Graph &graph, Positions before) const;
  Result<void> open_files(const Graph &graph, ResolvedGraph &resolved, Positions before) const;
  Result<GraphChange> replace_graph(Graph graph, const std::string *only);
  void wait_for_leaving(const GraphChange &change) const;
  using Renewals = std::vector<std::shared_ptr<Renewal>>;  // by node; null: the instance takes nobody's place
  Result<void> play_graph(ResolvedGraph resolved, const Model &before, const Renewals &renewals,
                          std::span<const Rename> renames, GraphChange &change);
  void play_values(std::vector<ParamTarget> values);
  // edit_renew.cpp
  Result<Renewals> renew(Graph &graph, ResolvedGraph &resolved, Positions before) const;
  void distrust_faulty(const Graph &graph, const Renewals &renewals) const;
  void describe_renewals(const Model &before, const Renewals &renewals, std::span<const Rename> renames,
                         GraphChange &change) const;
  void begin_again(const NodeRenewal &renewal, PlanChange &next);
  void begin_previews_again();
  void keep_stand_ins(Graph &graph, Positions before) const;
  bool is_kept(std::string_view node, const GraphChange &change) const;
  bool goes_on(const std::string &node, const GraphChange &change) const;
  bool keeps_value(const Model &before, const std::string &node, std::string_view param,
                   const GraphChange &change) const;
  bool reaches(const std::string &node, const GraphChange &change) const;
  Error at_file(Error error) const;
  std::vector<CutRoute> cut_routes(const Model &before, const GraphChange &change);
  std::vector<ParamTarget> new_values(const Model &before, const GraphChange &change) const;
  void play_score(const std::shared_ptr<const Schedule> &old_schedule);
  void send_event(std::int64_t target, const arr_event &event);

  Engine &engine_;
  std::unique_lock<Mutex> lock_;
  Model model_;  // with the steps so far
  PreviewNotes notes_;
  bool previewed_ = false;   // notes_ changed
  bool played_ = false;      // something that is heard was sent
  bool needs_live_ = false;  // a step is nothing without live playback
  std::shared_ptr<Live> live_;
  Running running_;       // of live playback, with the steps so far
  bool follows_ = false;  // a step made another one of it
  std::shared_ptr<const Score> score_;
  std::uint32_t first_note_id_ = 1;                               // of score_
  std::optional<double> beat_;                                    // where a step put the playhead
  std::optional<bool> playing_;                                   // what a step made of it
  std::vector<std::pair<std::int64_t, arr_event>> cut_previews_;  // offs for who is no longer reached
  // Whose notes begin again at whom: those of clients that are held when the steps happen.
  std::vector<std::pair<std::string, std::int64_t>> again_;
  Player::Returned returned_;
  std::shared_ptr<const Plan> crossing_;
  std::shared_ptr<const ResolvedGraph> crossed_;
  std::vector<Step> steps_;
  std::size_t settled_ = 0;  // of these, those that model_ has; values of parameters may wait until somebody looks
  std::vector<std::string> anew_;  // nodes whose instances are given up: they crashed, are stuck or lost their process
  std::vector<std::string> changed_nodes_;  // gone, or another than before
  std::vector<std::string> ended_nodes_;    // of these, those whose notes are over
  std::vector<std::unique_ptr<Message>> messages_;
};

}  // namespace arranger
