// SPDX-License-Identifier: MIT
// A plan and a timeline, made into blocks of audio.
#pragma once

#include <cstdint>
#include <memory>

#include "graph/plan.hpp"
#include "transport/tempo_map.hpp"
#include "transport/timeline.hpp"

namespace arranger {

class SessionRenderer {
 public:
  SessionRenderer(std::unique_ptr<Plan> plan, const Schedule &schedule, TempoMap map, bool offline);

  // [audio] The next `frames` frames, planar, in slices of at most the plan's max_frames. The result does not depend on
  // how a stretch is cut into calls. `taps` has two channels for each of the plan's taps.
  void render(float *left, float *right, std::int32_t frames, float *const *taps = nullptr);

  const Plan &plan() const { return *plan_; }
  const Timeline &timeline() const { return timeline_; }

 private:
  // Handed to plugins; frame_of_beat finds its way back through the first member.
  struct Transport {
    arr_transport shown;
    const TempoMap *map;
  };
  static std::int64_t frame_of_beat(const arr_transport *transport, double beat);
  void dispatch(const Slice &slice);
  void show_transport();

  std::unique_ptr<Plan> plan_;
  TempoMap map_;
  Timeline timeline_;
  std::size_t next_ = 0;  // among the timeline's events
  std::int64_t steady_frame_ = 0;
  Transport transport_{};
};

}  // namespace arranger
