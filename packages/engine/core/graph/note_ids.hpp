// SPDX-License-Identifier: MIT
// The notes that one event output has sent and not ended yet, and their ids.
#pragma once

#include <array>
#include <cstdint>

#include "arranger/plugin.h"

namespace arranger {

// Gives an id to every note_on that comes without one, from 0x40000000 to 0x7fffffff and around again; a note_off or
// note_choke without an id gets that of the oldest note of its channel and key. A plugin's own ids are left as they are.
// [audio] unless said otherwise.
class NoteIds {
 public:
  static constexpr std::uint32_t first = 0x40000000, range = 0x40000000;
  static constexpr std::uint32_t capacity =
      512;  // of notes at a time; what is beyond is ended by channel and key alone

  // [control] `start` is taken modulo the range: two outputs should not begin at the same id, since they may meet in one
  // instrument.
  explicit NoteIds(std::uint64_t start) : start_(static_cast<std::uint32_t>(start % range)), next_(start_) {}

  void apply(arr_event &event) {
    if (event.type == ARR_EVENT_NOTE_ON) begin(event);
    else if (event.type == ARR_EVENT_NOTE_OFF || event.type == ARR_EVENT_NOTE_CHOKE) end(event);
  }
  // Takes the oldest sounding note out, as the note_off that ends it; false when there is none.
  bool take_off(arr_event &event) {
    if (count_ == 0) return false;
    event = off_of(notes_[0]);
    remove(0);
    return true;
  }
  // The plugin has forgotten all notes so far: no event of its own ends them any more.
  void abandon() { abandoned_ = count_; }
  bool take_abandoned_off(arr_event &event) {
    if (abandoned_ == 0) return false;
    --abandoned_;
    return take_off(event);
  }
  // The note_offs that would end what sounds, oldest first.
  template <class Take>
  void each_off(Take take) const {
    for (std::uint32_t i = 0; i < count_; ++i) take(off_of(notes_[i]));
  }
  void clear() {
    next_ = start_;
    count_ = abandoned_ = 0;
  }

 private:
  struct Note {
    std::uint32_t id;
    std::int32_t key;
    std::uint16_t channel;
  };

  static arr_event off_of(const Note &note) {
    arr_event event{};
    event.type = ARR_EVENT_NOTE_OFF;
    event.channel = note.channel;
    event.key = note.key;
    event.note_id = note.id;
    return event;
  }
  void begin(arr_event &event) {
    if (event.note_id == 0) event.note_id = first + next_++ % range;
    if (count_ < capacity) notes_[count_++] = {event.note_id, event.key, event.channel};
  }
  void end(arr_event &event) {
    for (std::uint32_t i = abandoned_; i < count_; ++i) {
      const Note &note = notes_[i];
      const bool ends =
          event.note_id == 0 ? note.key == event.key && note.channel == event.channel : note.id == event.note_id;
      if (!ends) continue;
      event.note_id = note.id;
      return remove(i);
    }
  }
  void remove(std::uint32_t place) {
    for (--count_; place < count_; ++place) notes_[place] = notes_[place + 1];
  }

  std::array<Note, capacity> notes_;  // oldest first
  std::uint32_t start_, next_;
  std::uint32_t count_ = 0, abandoned_ = 0;
};

}  // namespace arranger
