// SPDX-License-Identifier: MIT
// What a playhead has done so far with the events of one score: which notes sound, which controllers and parameters it moved.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "transport/timeline.hpp"

namespace arranger {

class ScoreMemory {
 public:
  ScoreMemory() = default;
  explicit ScoreMemory(const Timeline &timeline)  // [control]
      : notes_(timeline.note_count + 1), controllers_(timeline.controller_count + 1), params_(timeline.params.size()) {}

  // [audio] All of these. A note that is begun stands last among those that sound. `sounding_id`: what its plugin knows it
  // by, which may have been given by another score.
  void begin_note(const PlacedEvent &on, std::uint32_t sounding_id) {
    const std::uint32_t id = on.number;
    Note &note = notes_[id];
    if (note.on) end_note(id);
    note = {&on, sounding_id, last_, 0};
    (last_ != 0 ? notes_[last_].next : first_) = id;
    last_ = id;
  }
  // Its sounding id; 0 when it does not sound: the playhead came in behind its beginning.
  std::uint32_t end_note(std::uint32_t id) {
    Note &note = notes_[id];
    if (!note.on) return 0;
    const std::uint32_t sounding_id = note.sounding_id;
    (note.previous != 0 ? notes_[note.previous].next : first_) = note.next;
    (note.next != 0 ? notes_[note.next].previous : last_) = note.previous;
    note = {};
    return sounding_id;
  }
  // Its beginning and its sounding id, oldest first; `end` may end the note that it is given.
  template <class End>
  void each_note(End end) {
    for (std::uint32_t id = first_; id != 0;) {
      const std::uint32_t next = notes_[id].next;
      end(*notes_[id].on, notes_[id].sounding_id);
      id = next;
    }
  }

  void touch_controller(std::uint64_t number) { controllers_[number] = 1; }
  bool untouch_controller(std::uint64_t number) { return std::exchange(controllers_[number], char(0)) != 0; }

  void touch_param(std::uint32_t param) { params_[param] = 1; }
  bool untouch_param(std::uint32_t param) { return std::exchange(params_[param], char(0)) != 0; }
  void forget_controllers() { std::fill(controllers_.begin(), controllers_.end(), char(0)); }

 private:
  struct Note {
    const PlacedEvent *on = nullptr;  // while it sounds
    std::uint32_t sounding_id = 0;
    std::uint32_t previous = 0, next = 0;
  };
  std::vector<Note> notes_;  // by id; a list through those that sound
  std::uint32_t first_ = 0, last_ = 0;
  std::vector<char> controllers_;
  std::vector<char> params_;
};

}  // namespace arranger
