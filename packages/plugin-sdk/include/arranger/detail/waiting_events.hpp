// SPDX-License-Identifier: MIT
// What waits in a plugin with an event grid, so that an instance of the rebuilt library goes on with it.
#pragma once

#include <arranger/plugin.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace arranger::detail {

// Where the grid is, and the events that wait for its next frame.
class WaitingEvents {
 public:
  // [control] In activate: a plugin without a grid has nothing waiting.
  void activate(const Plugin &plugin) { events_.resize(plugin.event_grid_ > 1 ? most : 0); }
  // [audio] Two calls frame a visit, which saves or loads what is here.
  void take(const Plugin &plugin) {
    first_frame_ = plugin.first_frame_;
    count_ = static_cast<std::int32_t>(std::min(plugin.late_.size(), events_.size()));
    for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i)
      events_[i] = {plugin.late_[i].first->event_index_, plugin.late_[i].second};
  }
  void give(Plugin &plugin) const {
    plugin.first_frame_ = first_frame_;
    plugin.late_.clear();
    for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i)
      for (const EventIn *input : plugin.event_inputs_)
        if (input->event_index_ == events_[i].input) plugin.late_.emplace_back(input, events_[i].event);
  }

  template <class Visit>
  void each_kept(Visit &visit) {
    visit(first_frame_);
    visit(count_);
    visit(events_);
  }

 private:
  struct Waiting {
    std::int32_t input;
    arr_event event;
  };
  std::int64_t first_frame_ = -1;
  std::int32_t count_ = 0;
  static constexpr std::size_t most = 64;  // an event waits for less than a grid; what is more by then is lost
  std::vector<Waiting> events_;
};

}  // namespace arranger::detail
