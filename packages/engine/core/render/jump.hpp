// SPDX-License-Identifier: MIT
// What a playhead that jumps must know: what has to be in force at the frame where it lands, as if the song had been played
// up to there from its beginning (chase).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "graph/plan.hpp"
#include "transport/score.hpp"

namespace arranger {

// The value that a parameter has before the schedule moves it, by position in Timeline::params.
using BaseValues = std::function<double(std::uint32_t param)>;

struct ChasedController {
  std::uint32_t target;  // node of the schedule
  std::uint32_t number;  // as in the timeline
  bool is_default;       // nothing sets it before the frame: it goes back, if it was set since
  arr_event event;
};

struct ChasedParam {
  std::uint32_t param;  // position in Timeline::params
  bool is_default;
  double value;              // at the frame
  double target;             // where a line that is under way goes
  std::int64_t ramp_frames;  // until it is there; 0 = it is there
};

struct Jump {
  std::int64_t frame = 0;  // song frame
  std::size_t cursor = 0;  // the first event at or after it
  std::vector<ChasedController> controllers;
  std::vector<ChasedParam> params;
};

// Which plan target each name of a score means; -1: none. Made again for every plan.
struct Binding {
  std::vector<std::int64_t> events;  // by node of the schedule
  std::vector<std::int64_t> params;  // by position in Timeline::params
};

Binding bind(const Plan &plan, const Schedule &schedule, const Timeline &timeline);  // [control]

// Costs a walk over the events before `frame`. [control]
Jump make_jump(const Score &score, const Plan &plan, const Binding &binding, std::int64_t frame,
               const BaseValues &bases);

}  // namespace arranger
