// SPDX-License-Identifier: MIT
// The plan that runs, and another one under way.
#include <algorithm>
#include <cstring>

#include "base/denormals.hpp"
#include "render/session_renderer.hpp"

namespace arranger {

// What the plan leaves for the next slice comes out with that one's steps, or when a parameter of it moves, or at the end.
void SessionRenderer::run_plan(const Slice &slice, const Target &target) {
  plan_->run(slice, executor_.get());
  if (late_.frames > 0) put_out(late_, true);
  late_.frames = 0;
  put_out(target, false);
  if (!plan_->has_left_tail()) return put_out(target, true);
  late_ = target;
  late_taps_.assign(target.taps, target.taps + (target.taps ? 2 * plan_->taps().size() : 0));
  if (target.taps) late_.taps = late_taps_.data();
  late_transport_ = transport_;
  plan_->keep_transport(&late_transport_.shown);
  if (plan_->tail_moves()) finish_late();
}

// Where all sleeps and nothing comes to wake it, silence needs no plan: an engine that waits takes next to no time.
bool SessionRenderer::may_rest(std::int32_t frames) const {
  if (!is_asleep_ || crossing_ || late_.frames > 0 || !first_.empty() || !changes_.empty() || !live_.empty())
    return false;
  if (!plan_->parameters().active().empty()) return false;
  if (!playing_) return true;
  const std::int64_t end = song_frame_ + frames;
  const std::vector<PlacedEvent> &events = timeline().events;
  const LoopRange &loop = course_->loop;
  return (next_ >= events.size() || events[next_].frame >= end) &&
         (pending_.empty() || pending_.front().frame >= end) &&
         !(loop.enabled && song_frame_ <= loop.end && end >= loop.end);
}

std::int32_t SessionRenderer::rest_frames() const {
  if (playing_) return 0;  // people look at where it is, and record to it
  const auto frames = static_cast<std::int32_t>(sample_rate() * 0.04);
  return may_rest(frames) ? frames : 0;
}

void SessionRenderer::rest(const Target &target) {
  const auto count = static_cast<std::size_t>(target.frames);
  std::fill_n(target.left, count, 0.0f);
  std::fill_n(target.right, count, 0.0f);
  for (std::size_t i = 0; target.taps && i < 2 * plan_->taps().size(); ++i) std::fill_n(target.taps[i], count, 0.0f);
  plan_->pass(target.frames);
  advance(target.frames);
}

void SessionRenderer::put_out(const Target &target, bool of_tail) const {
  const std::size_t bytes = static_cast<std::size_t>(target.frames) * sizeof(float);
  if (of_tail) {
    std::memcpy(target.left + target.offset, plan_->left(), bytes);
    std::memcpy(target.right + target.offset, plan_->right(), bytes);
  }
  for (std::size_t i = 0; target.taps && i < plan_->taps().size(); ++i) {
    const Tap &tap = plan_->taps()[i];
    if (tap.is_of_tail != of_tail) continue;
    std::memcpy(target.taps[2 * i] + target.offset, tap.left, bytes);
    std::memcpy(target.taps[2 * i + 1] + target.offset, tap.right, bytes);
  }
}

void SessionRenderer::finish_late() {
  plan_->finish();
  put_out(late_, true);
  late_.frames = 0;
}

void SessionRenderer::end_block() {
  const FlushDenormals guard;
  if (late_.frames > 0) {
    finish_late();
    is_asleep_ = plan_->all_asleep();
  }
  if (executor_) executor_->rest();
}

// An edit in the middle of a crossing takes over what is fading; the graph that was to come is not played then. Where
// nothing sounds nothing has to fade.
void SessionRenderer::replace_plan(std::unique_ptr<PlanChange> next) {
  PlanChange &change = *next;
  const bool is_silent = !sounds();
  is_asleep_ = false;
  std::swap(course_, change.course);
  if (change.plan) {
    change.plan->adopt(*plan_);
    std::swap(plan_, change.plan);
    if (crossing_) returned_.add(std::move(crossing_));
    if (change.settled) crossing_ = std::move(next);
    else returned_.add(std::move(next));
    if (crossing_ && is_silent && !plan_->cuts_notes()) settle();
    renumber(change.targets);
  } else {
    returned_.add(std::move(next));
  }
  for (const CutRoute &route : change.cut)
    memory_.each_note([&](const PlacedEvent &placed, std::uint32_t sounding_id) {
      const TimedEvent on = timeline().at(placed);
      if (on.target != route.schedule_node) return;
      if (course_->binding.events[on.target] < 0) memory_.end_note(placed.number);
      first(route.event_target, note_off_of(on.event, sounding_id));
    });
  for (const ParamTarget &target : change.values) set_param(target.param, target.value, 0, false);
  put_in_force(change.fresh, true);
  for (const AgainRoute &route : change.again)  // behind the controllers that they begin with
    memory_.each_note([&](const PlacedEvent &placed, std::uint32_t sounding_id) {
      const TimedEvent on = timeline().at(placed);
      if (on.target != route.schedule_node) return;
      arr_event note = on.event;
      note.note_id = sounding_id;
      note.data = 0;
      first(route.event_target, note);
    });
}

void SessionRenderer::settle() {
  plan_->end_fades();
  crossing_->settled->adopt(*plan_);
  std::swap(plan_, crossing_->settled);
  returned_.add(std::move(crossing_));
}

// What waits was addressed to the old plan.
void SessionRenderer::renumber(const TargetMap &targets) {
  for (auto *list : {&first_, &live_})
    std::erase_if(*list, [&](LiveEvent &live) {
      const std::int64_t now = targets.events[live.target];
      live.target = static_cast<std::uint32_t>(now);
      return now < 0;
    });
  for (auto *list : {&changes_, &pending_})
    std::erase_if(*list, [&](PendingChange &change) {
      const std::int64_t now = targets.params[change.param];
      change.param = static_cast<std::uint32_t>(now);
      return now < 0;
    });
}

}  // namespace arranger
