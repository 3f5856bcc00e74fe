// SPDX-License-Identifier: MIT
#pragma once

#include <arranger/plugin.h>

#include <vector>

namespace harness {

// The list of an event output: what is appended goes into `sent`, at frames counted from the start of the run.
struct EventOutput {
  arr_event_list list;
  int at, frames;
  std::vector<arr_event> &sent;
  int last = 0;
  bool misplaced = false;

  static std::int32_t append(arr_event_list *list, const arr_event *event) {
    auto &output = *reinterpret_cast<EventOutput *>(list);
    output.misplaced = output.misplaced || event->frame < output.last || event->frame >= output.frames;
    output.last = event->frame;
    if (++list->reserved > 1024) return 0;
    output.sent.push_back(*event);
    output.sent.back().frame += output.at;
    return 1;
  }
};

}  // namespace harness
