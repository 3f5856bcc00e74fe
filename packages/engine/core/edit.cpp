// SPDX-License-Identifier: MIT
#include "edit.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/format.hpp"
#include "base/nearest.hpp"
#include "engine.hpp"
#include "plugin/isolated_plugin.hpp"

namespace arranger {

Edit::Edit(Engine &engine, Pace pace)
    : engine_(engine), lock_(engine.mutex_), model_(engine.model_), notes_(engine.notes_), live_(engine.live()) {
  if (live_) {
    running_ = live_->running;
    score_ = live_->score;
    first_note_id_ = live_->first_note_id;
  }
  if (pace == Pace::slow) lock_.unlock();
}

std::int32_t Edit::sample_rate() const { return engine_.config_.sample_rate; }

void Edit::change(Step step) {
  change_later(std::move(step));
  settle();
}

// To write a value copies the whole graph, which the engine's own model does not need: an edit that only sets parameters
// leaves it at that.
void Edit::settle() {
  for (; settled_ < steps_.size(); ++settled_) steps_[settled_](model_);
}

Result<void> Edit::commit(std::optional<std::int64_t> at_frame) {
  if (!lock_.owns_lock()) lock_.lock();
  if (needs_live_ && !live_) return fail(Code::busy, "Expected live playback but it was ended just now; try again");
  if (live_) {
    Player &player = live_->player();
    returned_ = player.collect();
    crossing_ = live_->running.crossing;
    crossed_ = live_->running.crossed;
    live_->running.forget_crossing(player.position().steady_frame);
    if (auto done = check_frame(at_frame); !done) return done;
    if (!messages_.empty() && !player.has_room(1))
      return fail(Code::busy, format("Expected room for a message to the audio thread but {} wait", Player::capacity));
  }
  model_.graph.reset();  // so that the engine's own may be written in place
  for (const Step &step : steps_) step(engine_.model_);
  engine_.handles_.forget(changed_nodes_);
  if (previewed_) engine_.notes_ = std::move(notes_);
  std::erase_if(engine_.notes_, [this](const auto &entry) {
    return std::ranges::find(ended_nodes_, std::get<0>(entry.first)) != ended_nodes_.end();
  });
  engine_.played_since_render_ = engine_.played_since_render_ || played_;
  if (!live_) {
    if (beat_) engine_.resting_beat_ = *beat_;
    return {};
  }
  if (follows_) std::swap(live_->running, running_);
  begin_previews_again();
  const bool moves = beat_ || playing_ || score_ != live_->score;  // what position() tells
  live_->score = score_;
  live_->first_note_id = first_note_id_;
  if (at_frame) live_->waits_until = std::max(live_->waits_until, *at_frame);
  if (messages_.empty()) return {};
  auto all = message([messages = std::move(messages_)](SessionRenderer &renderer) noexcept {
    for (const auto &message : messages) message->apply(renderer);
  });
  all->at_frame = at_frame.value_or(0);
  live_->send(std::move(all));
  if (!at_frame && moves) {
    const std::lock_guard lock(engine_.live_mutex_);
    Engine::Asked &asked = engine_.asked_;
    if (live_->player().shown() >= asked.message) asked = {};
    asked.message = live_->player().posted();
    if (beat_) asked.beat = beat_;
    if (playing_) asked.playing = playing_;
  }
  return {};
}

// A message is made for the plan and the score that it will meet: neither may change while one waits for its frame.
Result<void> Edit::check_frame(std::optional<std::int64_t> at_frame) const {
  constexpr double longest_wait_seconds = 60;
  const std::int64_t now = live_->player().position().steady_frame;
  const bool changes = follows_ || score_ != live_->score;
  if (!at_frame || *at_frame <= now) {
    if (!changes || live_->waits_until <= now) return {};
    return fail(Code::busy,
                format("Expected no batch to wait but one waits for frame {}; it is {}", live_->waits_until, now));
  }
  if (changes)
    return fail(Code::invalid_request, "Expected no change of graph, schedule or tempo at a later frame", "/at_frame");
  const auto latest = now + static_cast<std::int64_t>(longest_wait_seconds * sample_rate());
  if (*at_frame <= latest) return {};
  return fail(Code::out_of_range,
              format("Expected at_frame at most 60 s from now, {}, but received {}", latest, *at_frame), "/at_frame");
}

// Where the playhead is and whether it moves, as far as a control thread can know.
double Edit::beat_now() const {
  if (beat_) return *beat_;
  return live_ ? engine_.asked_position(*live_).beat : engine_.resting_beat_;
}

bool Edit::plays_now() const {
  if (playing_) return *playing_;
  return live_ && engine_.asked_position(*live_).playing;
}

Jump Edit::here() {
  settle();
  return jump_to(model_, plan(), binding(), *score_, beat_now());
}

Result<std::int64_t> Edit::handle_of(std::string_view node, std::string_view param) const {
  const auto index = model_.find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  const auto port = find_parameter_of((*model_.info)[*index], param);
  if (!port) return std::unexpected(port.error());
  if (*port >= Handles::most_ports || !engine_.handles_.has_room())
    return fail(
        Code::out_of_range,
        format("Expected one of the first {} ports of a node but '{}' is number {}", Handles::most_ports, param, *port),
        "/param_id");
  return engine_.handles_.make(node, *port);
}

Result<std::pair<std::string, std::string>> Edit::lookup(std::int64_t handle) const {
  const auto stale = [&] {
    return fail(Code::out_of_range,
                format("Expected a handle that still stands for a parameter but received {}", handle), "/handle");
  };
  const auto found = engine_.handles_.find(handle);
  if (!found) return stale();
  const auto node = model_.find_node(found->node, "");
  if (!node || found->port >= (*model_.info)[*node].ports.size()) return stale();
  return std::pair{found->node, (*model_.info)[*node].ports[found->port].id};
}

Result<void> Edit::set_param(const ParamChange &wanted) {
  const auto node = model_.find_node(wanted.node, "/node_id");
  if (!node) return std::unexpected(node.error());
  const auto position = find_parameter_of((*model_.info)[*node], wanted.param);
  if (!position) return std::unexpected(position.error());
  const Port &port = (*model_.info)[*node].ports[*position];
  const double value = wanted.value;
  if (!(value >= port.min && value <= port.max))
    return fail(Code::out_of_range,
                format("Expected {} between {} and {} but received {}", port.id, port.min, port.max, value), "/value");

  const std::int64_t number = live_ ? plan().param_target(wanted.node, port.id) : -1;
  const bool ramps = wanted.ramp_ms.has_value();
  const double rate = engine_.config_.sample_rate;
  const std::int64_t ramp = ramps ? std::llround(*wanted.ramp_ms * rate / 1000) : 0;
  if (wanted.at_beat && live_ && number >= 0) {
    const PendingChange pending{
        *wanted.at_beat, score_->tempo.frame(*wanted.at_beat), std::uint32_t(number), value, ramp, ramps};
    send([pending](SessionRenderer &renderer) { renderer.set_param_at(pending); });
    if (*wanted.at_beat > beat_now() && plays_now()) return {};
  } else if (number >= 0) {
    send([number, value, ramp, ramps](SessionRenderer &renderer) {
      renderer.set_param(static_cast<std::uint32_t>(number), value, ramp, ramps);
    });
  }
  change_later(
      [node = *node, id = port.id, value](Model &model) { assign(writable(model.graph).nodes[node], id, value); });
  return {};
}

Result<void> Edit::reset_node(std::string_view node) {
  const auto index = model_.find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  const auto instance = live_ ? plan().instance(node) : nullptr;
  const bool has_failed = instance && instance->isolated() && instance->isolated()->has_failed();
  if (!instance || (instance->loss() == Instance::Loss::none && !has_failed)) {
    send([index = *index](SessionRenderer &renderer) { renderer.reset_node(index); });
    return {};
  }
  auto renewed = renew_nodes({std::string(node)});
  if (!renewed) return std::unexpected(std::move(renewed.error()));
  return {};
}

void Edit::play(bool reset) {
  needs_live_ = true;
  played_ = true;
  playing_ = true;
  if (!live_) return;
  if (reset)
    send([here = here()](SessionRenderer &renderer) {
      renderer.reset(here);
      renderer.play();
    });
  else send([](SessionRenderer &renderer) { renderer.play(); });
}

void Edit::stop() {
  playing_ = false;
  send([](SessionRenderer &renderer) { renderer.stop(); });
}

void Edit::seek(double beat) {
  beat_ = std::isnormal(beat) ? beat : 0;  // as on the audio thread, which flushes what is smaller to zero
  if (live_) send([jump = here()](SessionRenderer &renderer) { renderer.seek(jump); });
}

void Edit::set_loop(LoopBeats loop) {
  change([loop](Model &model) { model.loop = loop; });
  if (live_)
    send([range = make_loop(model_, plan(), binding(), *score_)](SessionRenderer &renderer) mutable {
      renderer.set_loop(range);
    });
}

void Edit::set_bpm(double bpm) {
  change([bpm](Model &model) { model.bpm = bpm; });
  if (live_) play_score(model_.schedule);
}

namespace {

// Where the playhead may be when the audio thread gets to it.
FrameRange around(const Score &score, double beat, double sample_rate) {
  constexpr double longest_way_seconds = 10;
  const std::int64_t frame = score.tempo.frame(beat);
  return {frame - std::llround(sample_rate), frame + std::llround(longest_way_seconds * sample_rate)};
}

}  // namespace

// The playing score, made anew from the model; `old_schedule` is what it was made from before.
void Edit::play_score(const std::shared_ptr<const Schedule> &old_schedule) {
  const auto old_score = std::exchange(
      score_, std::make_shared<const Score>(make_score(model_.schedule, engine_.config_.sample_rate, model_.bpm)));
  ScoreChange change{make_course(model_, plan(), score_), ScoreMemory(score_->timeline), here(), {}};
  first_note_id_ = change.course->first_note_id = note_id_after(first_note_id_, old_score->timeline.note_count);
  const double beat = beat_now();
  std::vector<FrameRange> near{around(*old_score, beat, engine_.config_.sample_rate)};
  if (model_.loop.enabled) near.push_back(around(*old_score, model_.loop.start, engine_.config_.sample_rate));
  change.held = held_notes(*old_score, *old_schedule, *score_, *model_.schedule, near);
  send([change = std::move(change)](SessionRenderer &renderer) mutable { renderer.replace_score(change); });
}

namespace {

// What an event will come to, now that it is known which nodes there are.
void warn_of_event(const Model &model, const Schedule &schedule, std::size_t index,
                   std::vector<EventWarning> &warnings) {
  const ScheduledEvent &event = schedule.events[index];
  const std::string &id = schedule.nodes[std::size_t(event.node)];
  const auto node = std::ranges::find(model.graph->nodes, id, &Node::id);
  const auto warn = [&](std::string_view code, std::string_view field, std::string message) {
    warnings.push_back({index, field, std::string(code), std::move(message)});
  };
  if (node == model.graph->nodes.end())
    return warn("unknown_node", "node_id", format("No node '{}' yet; its events wait for it", id));
  const NodeInfo &info = (*model.info)[static_cast<std::size_t>(node - model.graph->nodes.begin())];
  if (event.param >= 0) {
    const std::string &param = schedule.params[std::size_t(event.param)];
    if (find_parameter(info.ports, param) < 0)
      warn("unknown_param", "param_id",
           format("{} has no parameter '{}'; the event does nothing", info.plugin_id, param));
    return;
  }
  const bool takes_control = info.plugin_id == track_source_type || info.plugin_id == "builtin.control_source";
  if (!info.takes_events()) warn("type_mismatch", "node_id", format("'{}' takes no events; this one does nothing", id));
  else if (event.kind == EventKind::control && !takes_control)
    warn("type_mismatch", "type", format("'{}' may not know control events; name a param_id to move a parameter", id));
}

}  // namespace

Result<ScheduleChange> Edit::set_schedule(Schedule schedule) {
  ScheduleChange out;
  out.events = static_cast<std::int64_t>(schedule.events.size());
  std::unordered_set<std::uint64_t> told;  // each node and parameter once
  std::uint64_t last = UINT64_MAX;
  for (std::size_t i = 0; i < schedule.events.size(); ++i) {
    const ScheduledEvent &event = schedule.events[i];
    const bool is_control = event.kind == EventKind::control;
    const auto key = std::uint64_t(std::uint32_t(event.node)) << 32 | std::uint64_t(is_control) << 31 |
                     std::uint32_t(event.param + 1);
    if (event.node < 0 || std::exchange(last, key) == key) continue;
    if (told.insert(key).second) warn_of_event(model_, schedule, i, out.warnings);
  }
  auto shared = std::make_shared<const Schedule>(std::move(schedule));
  const auto before = model_.schedule;
  change([shared](Model &model) { model.schedule = shared; });
  if (live_) play_score(before);
  return out;
}

Result<std::size_t> Edit::preview_node(std::string_view id) const {
  if (!id.empty()) {
    const auto node = model_.find_node(id, "/node_id");
    if (node && !(*model_.info)[*node].takes_events())
      return fail(Code::type_mismatch, format("Expected '{}' to take events but it takes none", id), "/node_id");
    return node;
  }
  for (std::size_t i = 0; i < model_.graph->nodes.size(); ++i)
    if (model_.graph->nodes[i].type == track_source_type) return i;
  return fail(Code::unknown_node, "Expected a track source but the graph has none; name a node", "/node_id");
}

void Edit::send_event(std::int64_t target, const arr_event &event) {
  if (target < 0) return;
  send([target = static_cast<std::uint32_t>(target), event](SessionRenderer &renderer) {
    renderer.live_event(target, event);
  });
}

// Ids of previews have the top bit, so that none is a scheduled note's.
Result<void> Edit::preview(const PreviewEvent &wanted) {
  const auto node = preview_node(wanted.node);
  if (!node) return std::unexpected(node.error());
  const std::string &id = model_.graph->nodes[*node].id;
  ScheduledEvent scheduled;
  scheduled.kind = wanted.kind;
  scheduled.channel = static_cast<std::uint8_t>(wanted.channel);
  scheduled.pitch = static_cast<std::int16_t>(wanted.pitch);
  scheduled.velocity = static_cast<std::int16_t>(wanted.velocity);
  scheduled.value = wanted.value;
  arr_event event = to_plugin_event(scheduled);
  if (event.type != ARR_EVENT_NOTE_OFF) needs_live_ = true;
  if (!live_) return {};
  previewed_ = true;
  if (event.type == ARR_EVENT_NOTE_ON) {
    event.note_id = 0x80000000u | (++engine_.last_preview_id_ & 0x7fffffffu);
    notes_[{id, wanted.channel, wanted.pitch}].push_back({event.note_id, event.value});
    played_ = true;
  } else if (event.type == ARR_EVENT_NOTE_OFF) {
    const auto sounding = notes_.find({id, wanted.channel, wanted.pitch});
    if (sounding == notes_.end()) return {};  // a stray off ends nothing
    event.note_id = sounding->second.front().id;
    sounding->second.erase(sounding->second.begin());
    if (sounding->second.empty()) notes_.erase(sounding);
  }
  send_event(plan().event_target(id), event);
  return {};
}

Result<void> Edit::all_notes_off(std::string_view node) {
  if (!node.empty())
    if (auto found = preview_node(node); !found) return std::unexpected(found.error());
  if (!live_) return {};
  previewed_ = true;
  for (auto entry = notes_.begin(); entry != notes_.end();) {
    const auto &[id, channel, key] = entry->first;
    if (!node.empty() && id != node) {
      ++entry;
      continue;
    }
    for (const PreviewNote &note : entry->second) {
      arr_event off{};
      off.type = ARR_EVENT_NOTE_OFF;
      off.channel = static_cast<std::uint16_t>(channel);
      off.key = key;
      off.note_id = note.id;
      send_event(plan().event_target(id), off);
    }
    entry = notes_.erase(entry);
  }
  const auto &nodes = model_.schedule->nodes;
  const auto scheduled = std::ranges::find(nodes, node);
  if (node.empty() || scheduled != nodes.end()) {
    const std::int64_t index = node.empty() ? -1 : scheduled - nodes.begin();
    send([index](SessionRenderer &renderer) { renderer.end_notes(index); });
  }
  // Whatever else may hang, such as the notes of an arpeggiator, knows MIDI's word for it.
  for (std::size_t i = 0; i < model_.graph->nodes.size(); ++i) {
    const std::string &id = model_.graph->nodes[i].id;
    if (!(*model_.info)[i].takes_events() || (!node.empty() && id != node)) continue;
    for (std::uint16_t channel = 0; channel < 16; ++channel) {
      arr_event off{};
      off.type = ARR_EVENT_CC;
      off.channel = channel;
      off.key = 123;
      send_event(plan().event_target(id), off);
    }
  }
  return {};
}

}  // namespace arranger
