// SPDX-License-Identifier: MIT
#include "render/jump.hpp"

#include <algorithm>
#include <optional>

namespace arranger {
namespace {

// What a MIDI channel begins with (General MIDI level 1; RP-015 for expression).
arr_event default_of(arr_event event) {
  switch (event.type) {
    case ARR_EVENT_CC:
      event.value = event.key == 7 ? 100.0 / 127 : event.key == 10 ? 64.0 / 127 : event.key == 11 ? 1.0 : 0.0;
      break;
    case ARR_EVENT_VOLUME:
      event.value = 100.0 / 127;
      break;
    case ARR_EVENT_PROGRAM:
      event.key = 0;
      event.value = 0;
      break;
    default:
      event.value = 0;
  }
  return event;
}

// The last event before the frame of each controller, in the order in which they came.
std::vector<ChasedController> chase_controllers(const Timeline &timeline, std::size_t cursor) {
  std::vector<std::size_t> last(timeline.controller_count + 1, SIZE_MAX), first = last;
  for (std::size_t i = 0; timeline.controller_count > 0 && i < timeline.events.size(); ++i) {
    const TimedEvent timed = timeline.at(timeline.events[i]);
    if (timed.event.type == param_change || timed.event.data == 0) continue;
    std::size_t &place = i < cursor ? last[timed.event.data] : first[timed.event.data];
    if (i < cursor || place == SIZE_MAX) place = i;
  }
  std::vector<std::size_t> found;
  for (std::size_t number = 1; number < last.size(); ++number)
    found.push_back(last[number] != SIZE_MAX ? last[number] : first[number]);
  std::ranges::sort(found);
  std::vector<ChasedController> out;
  for (const std::size_t i : found) {
    const TimedEvent timed = timeline.at(timeline.events[i]);
    const bool is_default = i >= cursor;
    ChasedController chased{timed.target, static_cast<std::uint32_t>(timed.event.data), is_default,
                            is_default ? default_of(timed.event) : timed.event};
    chased.event.data = 0;
    out.push_back(chased);
  }
  return out;
}

// The lines are those that playing would have drawn, interrupted ones and smoothing included.
std::vector<ChasedParam> chase_params(const Timeline &timeline, std::size_t cursor, std::int64_t frame,
                                      const Plan &plan, const Binding &binding, const BaseValues &bases) {
  std::vector<std::optional<Line>> lines(timeline.params.size());
  for (std::size_t i = 0; i < cursor; ++i) {
    const TimedEvent timed = timeline.at(timeline.events[i]);
    if (timed.event.type != param_change || binding.params[timed.target] < 0) continue;
    const auto number = static_cast<std::uint32_t>(binding.params[timed.target]);
    std::optional<Line> &line = lines[timed.target];
    if (!line) line.emplace(bases(timed.target));
    line = plan.parameters().next(number, *line, timed.frame, timed.event.value,
                                  static_cast<std::int64_t>(timed.event.data), timed.event.note_id == explicit_ramp);
  }
  std::vector<ChasedParam> out;
  for (std::uint32_t param = 0; param < lines.size(); ++param) {
    if (binding.params[param] < 0) continue;
    const std::optional<Line> &line = lines[param];
    if (!line) out.push_back({param, true, 0, 0, 0});
    else out.push_back({param, false, line->at(frame), line->target(), std::max<std::int64_t>(0, line->end() - frame)});
  }
  return out;
}

}  // namespace

Binding bind(const Plan &plan, const Schedule &schedule, const Timeline &timeline) {
  Binding out;
  for (const std::string &node : schedule.nodes) out.events.push_back(plan.event_target(node));
  for (const ScheduledParam &param : timeline.params)
    out.params.push_back(
        plan.param_target(schedule.nodes[std::size_t(param.node)], schedule.params[std::size_t(param.param)]));
  return out;
}

Jump make_jump(const Score &score, const Plan &plan, const Binding &binding, std::int64_t frame,
               const BaseValues &bases) {
  const auto &events = score.timeline.events;
  Jump jump;
  jump.frame = frame;
  const auto first = std::ranges::lower_bound(events, frame, {}, &PlacedEvent::frame);
  jump.cursor = static_cast<std::size_t>(first - events.begin());
  jump.controllers = chase_controllers(score.timeline, jump.cursor);
  jump.params = chase_params(score.timeline, jump.cursor, frame, plan, binding, bases);
  return jump;
}

}  // namespace arranger
