// SPDX-License-Identifier: MIT
// Another plan under way.
#include "render/session_renderer.hpp"

namespace arranger {

// An edit in the middle of a crossing takes over what is fading; the graph that was to come is not played then. Where
// nothing sounds nothing has to fade.
void SessionRenderer::replace_plan(std::unique_ptr<PlanChange> next) {
  PlanChange &change = *next;
  const bool is_silent = !sounds();
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
    memory_.each_note([&](const TimedEvent &on, std::uint32_t sounding_id) {
      if (on.target != route.schedule_node) return;
      if (course_->binding.events[on.target] < 0) memory_.end_note(on.event.note_id);
      first(route.event_target, note_off_of(on, sounding_id));
    });
  for (const ParamTarget &target : change.values) set_param(target.param, target.value, 0, false);
  put_in_force(change.fresh, true);
  for (const AgainRoute &route : change.again)  // behind the controllers that they begin with
    memory_.each_note([&](const TimedEvent &on, std::uint32_t sounding_id) {
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
