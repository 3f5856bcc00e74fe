// SPDX-License-Identifier: MIT
#include "render/session_renderer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/denormals.hpp"

namespace arranger {
namespace {

constexpr std::size_t list_capacity = 8192;
constexpr double longest_tail_seconds = 10;  // that a live song waits for its nodes to fall asleep

std::unique_ptr<Course> course_of(const Plan &plan, const Schedule &schedule, TempoMap map) {
  auto course = std::make_unique<Course>();
  Score score = make_score(std::make_shared<const Schedule>(schedule), map.sample_rate(), map.bpm(0));
  score.tempo = std::move(map);
  course->binding = bind(plan, schedule, score.timeline);
  for (const std::int64_t number : course->binding.params)
    course->bases.push_back(number < 0 ? 0 : plan.parameters().target(static_cast<std::uint32_t>(number)));
  course->score = std::make_shared<const Score>(std::move(score));
  return course;
}

}  // namespace

SessionRenderer::SessionRenderer(std::shared_ptr<Plan> plan, std::unique_ptr<Course> course, bool offline)
    : plan_(std::move(plan)),
      course_(std::move(course)),
      memory_(course_->score->timeline),
      offline_(offline),
      playing_(offline) {
  for (auto *list : {&first_, &live_}) list->reserve(list_capacity);
  for (auto *list : {&changes_, &pending_}) list->reserve(list_capacity);
  transport_.shown.struct_size = sizeof(arr_transport);
  transport_.shown.frame_of_beat = frame_of_beat;
}

SessionRenderer::SessionRenderer(std::shared_ptr<Plan> plan, const Schedule &schedule, TempoMap map, bool offline)
    : SessionRenderer(plan, course_of(*plan, schedule, std::move(map)), offline) {}

Position SessionRenderer::position() const {
  const Score &score = *course_->score;
  // What is heard now left the song earlier by the latency of the graph.
  const std::int64_t heard = playing_ ? std::max(landed_, song_frame_ - plan_->latency_frames()) : song_frame_;
  Position out{playing_, steady_frame_, heard, score.tempo.beat(heard)};
  out.bpm = score.tempo.bpm(out.beat);
  const BarPosition bar = score.signatures.at(out.beat);
  out.bar = bar.bar;
  out.bar_beat = bar.bar_beat;
  return out;
}

void SessionRenderer::show_transport() {
  const Score &score = *course_->score;
  transport_.tempo = score.tempo.segments();
  arr_transport &shown = transport_.shown;
  shown.flags = 0;
  if (playing_) shown.flags |= ARR_TRANSPORT_PLAYING;
  if (offline_) shown.flags |= ARR_TRANSPORT_OFFLINE;
  if (course_->loop.enabled) shown.flags |= ARR_TRANSPORT_LOOPING;
  shown.song_frame = song_frame_;
  shown.beat = score.tempo.beat(song_frame_);
  shown.bpm = score.tempo.bpm(shown.beat);
  const BarPosition bar = score.signatures.at(shown.beat);
  shown.bar = static_cast<std::int32_t>(bar.bar);
  shown.bar_beat = bar.bar_beat;
  shown.time_signature_numerator = bar.numerator;
  shown.time_signature_denominator = bar.denominator;
  shown.loop_start = course_->loop.start_beat;
  shown.loop_end = course_->loop.end_beat;
}

// Up to the loop's end and the next time signature: what a call is told of the song holds for all of it.
std::int32_t SessionRenderer::slice_frames(std::int32_t wanted) const {
  std::int32_t frames = std::min(wanted, plan_->max_frames());
  if (crossing_)
    frames = static_cast<std::int32_t>(std::min<std::int64_t>(frames, plan_->settles_at() - steady_frame_));
  const LoopRange &loop = course_->loop;
  if (playing_ && loop.enabled && song_frame_ < loop.end)
    frames = static_cast<std::int32_t>(std::min<std::int64_t>(frames, loop.end - song_frame_));
  const std::vector<std::int64_t> &changes = course_->score->bar_changes;
  if (!playing_ || changes.empty()) return frames;
  const auto next = std::ranges::upper_bound(changes, song_frame_);
  if (next == changes.end()) return frames;
  return static_cast<std::int32_t>(std::min<std::int64_t>(frames, *next - song_frame_));
}

void SessionRenderer::render(float *left, float *right, std::int32_t frames, float *const *taps) {
  if (may_rest(frames)) return rest({left, right, taps, 0, frames});
  const FlushDenormals guard;
  for (std::int32_t done = 0; done < frames;) {
    if (crossing_ && plan_->settles_at() <= steady_frame_) settle();
    const std::int32_t count = slice_frames(frames - done);
    show_transport();
    const Slice slice{count, steady_frame_, &transport_.shown};
    plan_->begin(slice);
    dispatch(slice);
    run_plan(slice, {left, right, taps, done, count});
    advance(count);
    done += count;
  }
  is_asleep_ = plan_->all_asleep();
}

void SessionRenderer::advance(std::int32_t frames) {
  steady_frame_ += frames;
  if (!playing_) return;
  song_frame_ += frames;
  if (const LoopRange &loop = course_->loop; loop.enabled && song_frame_ <= loop.end) {
    if (song_frame_ == loop.end) jump_to(loop.jump);
    return;
  }
  if (offline_ || timeline().events.empty() || song_frame_ < timeline().length) return;
  const double tail = static_cast<double>(song_frame_ - timeline().length);
  if (tail >= longest_tail_seconds * course_->score->tempo.sample_rate() || plan_->all_asleep()) {
    stop();
    jump_to(course_->to_start);
  }
}

// In order of frame: what jumps and edits bring, what the song has on the first frame, what is played live, the rest.
void SessionRenderer::dispatch(const Slice &slice) {
  for (const LiveEvent &live : first_) plan_->deliver(live.target, live.event);
  first_.clear();
  for (const PendingChange &change : changes_)
    plan_->change(change.param, 0, change.value, change.ramp_frames, change.explicit_ramp);
  changes_.clear();
  if (playing_) dispatch_until(song_frame_ + 1);
  for (const LiveEvent &live : live_) plan_->deliver(live.target, live.event);
  live_.clear();
  if (playing_) dispatch_until(song_frame_ + slice.frames);
}

void SessionRenderer::dispatch_until(std::int64_t song_frame) {
  const std::vector<PlacedEvent> &events = timeline().events;
  std::size_t waiting = 0;
  while (true) {
    const std::int64_t event = next_ < events.size() ? events[next_].frame : INT64_MAX;
    const std::int64_t change = waiting < pending_.size() ? pending_[waiting].frame : INT64_MAX;
    if (std::min(event, change) >= song_frame) break;
    if (event <= change) {
      deliver(events[next_++]);
    } else {
      const PendingChange &due = pending_[waiting++];
      const auto frame = static_cast<std::int32_t>(std::max<std::int64_t>(0, due.frame - song_frame_));
      plan_->change(due.param, frame, due.value, due.ramp_frames, due.explicit_ramp);
      set_base(due.param, due.value);
    }
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(waiting));
}

void SessionRenderer::deliver(const PlacedEvent &placed) {
  const TimedEvent timed = timeline().at(placed);
  const Binding &binding = course_->binding;
  const auto frame = static_cast<std::int32_t>(timed.frame - song_frame_);
  if (timed.event.type == param_change) {
    const std::int64_t param = binding.params[timed.target];
    if (param < 0) return;
    const auto number = static_cast<std::uint32_t>(param);
    memory_.touch_param(timed.target);
    return plan_->change(number, frame, timed.event.value, static_cast<std::int64_t>(timed.event.data),
                         timed.event.note_id == explicit_ramp);
  }
  const std::int64_t target = binding.events[timed.target];
  if (target < 0) return;
  arr_event event = timed.event;
  event.frame = frame;
  event.data = 0;
  if (event.type == ARR_EVENT_NOTE_ON) {
    event.note_id = course_->note_id(event.note_id);
    memory_.begin_note(placed, event.note_id);
  } else if (event.type == ARR_EVENT_NOTE_OFF && event.note_id != 0) {
    event.note_id = memory_.end_note(event.note_id);
    if (event.note_id == 0) return;
  } else if (timed.event.data != 0) {
    memory_.touch_controller(timed.event.data);
  }
  plan_->deliver(static_cast<std::uint32_t>(target), event);
}

void SessionRenderer::first(std::uint32_t event_target, const arr_event &event) {
  if (first_.size() == first_.capacity()) ++lost_;
  else first_.push_back({event_target, event});
}

void SessionRenderer::reset(const Jump &here) {
  if (crossing_) settle();
  memory_.each_note([this](const PlacedEvent &on, std::uint32_t) { memory_.end_note(on.number); });
  memory_.forget_controllers();
  first_.clear();
  for (PendingChange &change : changes_) {  // a fresh start has no past to come from
    change.ramp_frames = 0;
    change.explicit_ramp = true;
  }
  plan_->reset_instances();
  is_asleep_ = false;
  put_in_force(here, true);
  catch_up(here);
}

void SessionRenderer::stop() {
  playing_ = false;
  end_notes(-1);
}

void SessionRenderer::seek(const Jump &jump) {
  pending_.clear();
  jump_to(jump);
}

void SessionRenderer::jump_to(const Jump &jump) {
  end_notes(-1);
  song_frame_ = landed_ = jump.frame;
  next_ = jump.cursor;
  put_in_force(jump, !sounds());
}

// `at_once`: otherwise parameters go where they have to be as smoothly as they declare, since something is heard.
void SessionRenderer::put_in_force(const Jump &jump, bool at_once) {
  const Binding &binding = course_->binding;
  for (const ChasedController &chased : jump.controllers) {
    const std::int64_t target = binding.events[chased.target];
    if (chased.is_default ? !memory_.untouch_controller(chased.number) : target < 0) continue;
    if (!chased.is_default) memory_.touch_controller(chased.number);
    if (target >= 0) first(static_cast<std::uint32_t>(target), chased.event);
  }
  for (const ChasedParam &chased : jump.params) {
    if (chased.is_default) {
      if (memory_.untouch_param(chased.param))
        set_scheduled_param(chased.param, course_->bases[chased.param], 0, at_once);
      continue;
    }
    memory_.touch_param(chased.param);
    if (at_once || chased.ramp_frames == 0) set_scheduled_param(chased.param, chased.value, 0, at_once);
    if (chased.ramp_frames > 0) set_scheduled_param(chased.param, chased.target, chased.ramp_frames, true);
  }
}

// What came between where a control thread thought the playhead was and where it is.
void SessionRenderer::catch_up(const Jump &jump) {
  for (std::size_t i = jump.cursor; i < next_; ++i) {
    const TimedEvent timed = timeline().at(timeline().events[i]);
    if (timed.event.type == param_change) {
      memory_.touch_param(timed.target);
      set_scheduled_param(timed.target, timed.event.value, static_cast<std::int64_t>(timed.event.data),
                          timed.event.note_id == explicit_ramp);
      continue;
    }
    const std::int64_t target = course_->binding.events[timed.target];
    if (timed.event.data == 0 || target < 0) continue;
    memory_.touch_controller(timed.event.data);
    arr_event event = timed.event;
    event.data = 0;
    first(static_cast<std::uint32_t>(target), event);
  }
}

void SessionRenderer::set_scheduled_param(std::uint32_t param, double value, std::int64_t ramp_frames,
                                          bool explicit_ramp) {
  const std::int64_t number = course_->binding.params[param];
  if (number < 0) return;
  if (changes_.size() == changes_.capacity()) ++lost_;
  else changes_.push_back({0, 0, static_cast<std::uint32_t>(number), value, ramp_frames, explicit_ramp});
}

void SessionRenderer::set_loop(LoopRange &loop) { std::swap(course_->loop, loop); }

// What goes on is begun in the new memory already; the old one ends the rest.
void SessionRenderer::keep_notes(ScoreChange &change, std::int64_t song_frame) {
  memory_.each_note([&](const PlacedEvent &on, std::uint32_t sounding_id) {
    const auto held = std::ranges::lower_bound(change.held, on.number, {}, &HeldNote::before);
    if (held == change.held.end() || held->before != on.number) return;
    if (held->on->frame >= song_frame || held->end <= song_frame) return;  // begun again by the new score, or over
    change.memory.begin_note(*held->on, sounding_id);
    memory_.end_note(on.number);
  });
}

void SessionRenderer::replace_score(ScoreChange &change) {
  const double beat = course_->score->tempo.beat(song_frame_);
  const std::int64_t song_frame = change.course->score->tempo.frame(beat);
  const bool at_once = !sounds();
  keep_notes(change, song_frame);
  end_notes(-1);
  for (std::uint32_t param = 0; param < course_->bases.size(); ++param)  // what the new score does not move goes back
    if (memory_.untouch_param(param)) set_scheduled_param(param, course_->bases[param], 0, at_once);
  std::swap(course_, change.course);
  std::swap(memory_, change.memory);
  song_frame_ = landed_ = song_frame;
  const std::vector<PlacedEvent> &events = timeline().events;
  next_ =
      static_cast<std::size_t>(std::ranges::lower_bound(events, song_frame_, {}, &PlacedEvent::frame) - events.begin());
  put_in_force(change.here, at_once);
  catch_up(change.here);
  for (PendingChange &change : pending_) change.frame = course_->score->tempo.frame(change.beat);
}

void SessionRenderer::live_event(std::uint32_t event_target, const arr_event &event) {
  if (live_.size() == live_.capacity()) ++lost_;
  else live_.push_back({event_target, event});
}

void SessionRenderer::end_notes(std::int64_t schedule_node) {
  memory_.each_note([&](const PlacedEvent &placed, std::uint32_t sounding_id) {
    const TimedEvent on = timeline().at(placed);
    if (schedule_node >= 0 && on.target != static_cast<std::uint32_t>(schedule_node)) return;
    memory_.end_note(placed.number);
    if (const std::int64_t target = course_->binding.events[on.target]; target >= 0)
      first(static_cast<std::uint32_t>(target), note_off_of(on.event, sounding_id));
  });
}

void SessionRenderer::set_param(std::uint32_t param, double value, std::int64_t ramp_frames, bool explicit_ramp) {
  set_base(param, value);
  if (changes_.size() == changes_.capacity()) ++lost_;
  else changes_.push_back({0, 0, param, value, ramp_frames, explicit_ramp});
}

void SessionRenderer::set_base(std::uint32_t param, double value) {
  const std::vector<std::int64_t> &scheduled = course_->binding.params;
  for (std::size_t i = 0; i < scheduled.size(); ++i)
    if (scheduled[i] == static_cast<std::int64_t>(param)) course_->bases[i] = value;
}

void SessionRenderer::set_param_at(const PendingChange &change) {
  if (!playing_ || change.frame <= song_frame_)
    return set_param(change.param, change.value, change.ramp_frames, change.explicit_ramp);
  if (pending_.size() == pending_.capacity()) {
    ++lost_;
    return;
  }
  const auto place = std::ranges::upper_bound(pending_, change.frame, {}, &PendingChange::frame);
  pending_.insert(place, change);
}

}  // namespace arranger
