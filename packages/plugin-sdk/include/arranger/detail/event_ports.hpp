// SPDX-License-Identifier: MIT
// Event ports.
#pragma once

#include <arranger/detail/port_base.hpp>

#include <utility>

namespace arranger {

// An event input. Its events arrive through the plugin's note_on, note_off, … exactly between two blocks.
class EventIn final : public Port {
 public:
  EventIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : Port(owner, ARR_PORT_TYPE_EVENT, ARR_PORT_ROLE_INPUT, std::move(id), std::move(name), options.doc,
             options.group) {}

 private:
  friend class Plugin;
  void bind(const detail::Piece &) override {}
  Frame cursor_ = 0;
};

// An event output.
class EventOut final : public Port {
 public:
  EventOut(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : Port(owner, ARR_PORT_TYPE_EVENT, ARR_PORT_ROLE_OUTPUT, std::move(id), std::move(name), options.doc,
             options.group) {}

  // [audio] Sends an event at a frame of this block; frames must not decrease. False: the list is full, the event is lost
  // and counted.
  bool send(Frame frame, arr_event event) {
    event.frame = offset_ + frame;
    return list_->append(list_, &event) != 0;
  }
  bool note_on(Frame frame, int channel, int key, float velocity) {
    return send(frame, note(ARR_EVENT_NOTE_ON, channel, key, velocity));
  }
  bool note_off(Frame frame, int channel, int key) { return send(frame, note(ARR_EVENT_NOTE_OFF, channel, key, 0)); }

 private:
  static arr_event note(arr_event_type type, int channel, int key, float value) {
    arr_event event{};
    event.type = type;
    event.channel = static_cast<std::uint16_t>(channel);
    event.key = key;
    event.value = static_cast<double>(value);
    return event;
  }
  void bind(const detail::Piece &piece) override {
    list_ = piece.process.events[event_index_];
    offset_ = piece.offset;
  }
  arr_event_list *list_ = nullptr;
  Frame offset_ = 0;
};

}  // namespace arranger
