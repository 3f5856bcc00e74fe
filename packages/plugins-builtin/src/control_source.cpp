// SPDX-License-Identifier: MIT
// builtin.control_source: a value from a knob or from the schedule, as a control signal.
//
// The value put out is that of the last change in time, of the parameter or by a control event, from its exact frame on.
// Where both fall on one frame the parameter's counts: while it moves it would overtake the event a frame later anyway.
// The value that the parameter has from the start is no change, so that an event on the first frame counts.
#include <arranger/plugin.hpp>

#include <algorithm>

using namespace arranger;

namespace {

class ControlSource final : public Plugin {
  EventIn events{*this, "events_in", "Events In", {.doc = "Control events: each sets the value from its frame on."}};
  Param in{*this,
           "control_in",
           "Value",
           {.doc = "Moving it sets the value; the last change, of it or by an event, counts."}};
  ControlOut out{*this, "control_out", "Control Out", {.doc = "The value, 0..1."}};

  float value = 0.0f;
  float parameter = 0.0f;  // as it was in the last frame
  bool began = false;      // a frame was put out since reset
  bool has_value = false;

  void reset() override { began = has_value = false; }

  void event(const EventIn &, const arr_event &event) override {
    if (event.type != ARR_EVENT_CONTROL) return;
    value = std::clamp(static_cast<float>(event.value), 0.0f, 1.0f);
    has_value = true;
  }

  void process(const Block &block) override {
    if (!began) {
      began = true;
      parameter = in.value();
      if (!has_value) value = parameter;
    }
    for (Frame i : block) {
      if (in[i] != parameter) value = parameter = in[i];
      out[i] = value;
    }
  }
};

}  // namespace

ARRANGER_PLUGIN(ControlSource,
                {.id = "builtin.control_source",
                 .name = "Control Source",
                 .category = Category::event_gen,
                 .version = 1,
                 .doc = "A control signal from a knob, its automation, or control events of the schedule.",
                 .author = "Arranger",
                 .preserves_finite = true})
