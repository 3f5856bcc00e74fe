// SPDX-License-Identifier: MIT
// Which voice plays which note, and which one has to go when there are more notes than voices.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace arranger::dsp {

// A voice says whether it still sounds.
template <class T>
concept Voice = requires(const T &voice) {
  { voice.is_active() } -> std::convertible_to<bool>;
};

// To be stolen by level it also says how loud it is; a voice that does not is stolen by age.
template <class T>
concept VoiceWithLevel = Voice<T> && requires(const T &voice) {
  { voice.level() } -> std::convertible_to<float>;
};

// Whom a new note takes when all voices sound. Released voices go before held ones in either case; the first in the
// array wins a draw.
enum class Steal {
  oldest,    // the note that began first
  quietest,  // the voice whose level is least; where voices have none, the oldest
};

// `count` voices, in one array that never moves. The allocator keeps the books (note id, channel, key, age); starting
// and releasing is the plugin's. Everything depends on the order of calls alone. [audio] Real-time safe; time is in
// proportion to `count`.
//   Voice &voice = voices.note_on(note.id, note.channel, note.key);   voice.start(...)
//   voices.note_off(note.id, note.channel, note.key, [](Voice &voice) { voice.release(); });
//   voices.for_each_active([&](Voice &voice) { mix(voice.render(...)); });
template <Voice T, int count>
class VoiceAllocator {
 public:
  static_assert(count > 0);

  explicit VoiceAllocator(Steal steal = Steal::oldest) : steal_(steal) {}

  // A voice for this note: the first that does not sound, else a stolen one, which may still sound when it is returned
  // (an envelope that triggers from its level does not click). `note_id`: the engine's, 0 = none.
  T &note_on(std::uint32_t note_id, int channel, int key) {
    const int index = choose();
    Slot &slot = slots_[at(index)];
    slot.note_id = note_id;
    slot.channel = channel;
    slot.key = key;
    slot.held = true;
    slot.born = ++births_;
    return voices_[at(index)];
  }

  // Ends the sounding, held note with this id; with id 0, the oldest one of this channel and key. Calls release(voice)
  // and returns whether there was one.
  template <class Release>
  bool note_off(std::uint32_t note_id, int channel, int key, Release release) {
    int found = -1;
    for (int i = 0; i < count; ++i) {
      const Slot &slot = slots_[at(i)];
      if (!slot.held || !voices_[at(i)].is_active()) continue;
      const bool same = note_id != 0 ? slot.note_id == note_id : slot.channel == channel && slot.key == key;
      if (same && (found < 0 || slot.born < slots_[at(found)].born)) found = i;
    }
    if (found < 0) return false;
    slots_[at(found)].held = false;
    release(voices_[at(found)]);
    return true;
  }

  // The sounding voice of a note, held or released: for choke and expression. Null when there is none.
  T *find(std::uint32_t note_id) {
    for (int i = 0; i < count; ++i)
      if (slots_[at(i)].note_id == note_id && slots_[at(i)].born != 0 && voices_[at(i)].is_active())
        return &voices_[at(i)];
    return nullptr;
  }

  // All held notes of a channel; -1 means all channels.
  template <class Release>
  void release_all(Release release, int channel = -1) {
    for (int i = 0; i < count; ++i) {
      Slot &slot = slots_[at(i)];
      if (!slot.held || (channel >= 0 && slot.channel != channel)) continue;
      slot.held = false;
      if (voices_[at(i)].is_active()) release(voices_[at(i)]);
    }
  }

  // Calls each(voice), or each(voice, channel), for every sounding voice, always in the array's order, so that sums
  // are the same whatever was played before.
  template <class Each>
  void for_each_active(Each each) {
    for (int i = 0; i < count; ++i) {
      if (!voices_[at(i)].is_active()) continue;
      if constexpr (std::invocable<Each, T &, int>) each(voices_[at(i)], slots_[at(i)].channel);
      else each(voices_[at(i)]);
    }
  }

  // How many voices sound.
  int active_count() const {
    int active = 0;
    for (const T &voice : voices_) active += voice.is_active() ? 1 : 0;
    return active;
  }

  // Forgets all notes; silencing the voices is the caller's.
  void reset() {
    slots_ = {};
    births_ = 0;
  }

  // Every voice, sounding or not: to activate and reset them.
  std::array<T, static_cast<std::size_t>(count)> &voices() { return voices_; }
  // For arranger::Kept.
  template <class Visit>
  void each_kept(Visit &visit) {
    visit(voices_);
    visit(slots_);
    visit(births_);
  }
  int channel_of(const T &voice) const { return slots_[static_cast<std::size_t>(&voice - voices_.data())].channel; }
  int key_of(const T &voice) const { return slots_[static_cast<std::size_t>(&voice - voices_.data())].key; }

 private:
  struct Slot {
    std::uint64_t born = 0;  // 0: never used
    std::uint32_t note_id = 0;
    int channel = 0;
    int key = 0;
    bool held = false;
  };

  static constexpr std::size_t at(int index) { return static_cast<std::size_t>(index); }

  int choose() const {
    int best = 0;
    for (int i = 0; i < count; ++i) {
      if (!voices_[at(i)].is_active()) return i;
      if (goes_before(i, best)) best = i;
    }
    return best;
  }

  bool goes_before(int a, int b) const {
    const Slot &slot_a = slots_[at(a)], &slot_b = slots_[at(b)];
    if (slot_a.held != slot_b.held) return slot_b.held;
    if constexpr (VoiceWithLevel<T>) {
      if (steal_ == Steal::quietest) return voices_[at(a)].level() < voices_[at(b)].level();
    }
    return slot_a.born < slot_b.born;
  }

  std::array<T, static_cast<std::size_t>(count)> voices_{};
  std::array<Slot, static_cast<std::size_t>(count)> slots_{};
  std::uint64_t births_ = 0;
  Steal steal_;
};

}  // namespace arranger::dsp
