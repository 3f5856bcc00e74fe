// SPDX-License-Identifier: MIT
// What a rig is made of.
#pragma once

#include <bit>

#include "base/real_time.hpp"
#include "rig.hpp"

namespace arranger::validate {

// A NaN that no arithmetic makes: where it is still found, nothing was written.
inline constexpr std::uint32_t rubbish_bits = 0x7fc0dead;
inline constexpr std::uint32_t guard_bits = 0x5eafbeef;
inline constexpr int guard_floats = 64;

inline bool is_zero(const float *samples, int frames) {
  for (int i = 0; i < frames; ++i)
    if (samples[i] != 0.0f) return false;
  return true;
}

// One channel, aligned as the engine's are. What a plugin may touch ends at the next multiple of 16 frames; guard words
// stand before and behind that.
struct Rig::Channel {
  struct alignas(64) Line {
    float samples[16];
  };
  std::vector<Line> lines;

  explicit Channel(int max_frames) : lines(static_cast<std::size_t>((max_frames + 15) / 16 + 2 * guard_floats / 16)) {}
  static int room(int frames) { return (frames + 15) / 16 * 16; }
  float *samples() { return lines[guard_floats / 16].samples; }

  void make_rubbish(int frames) {
    const auto guard = std::bit_cast<float>(guard_bits), rubbish = std::bit_cast<float>(rubbish_bits);
    std::fill_n(samples() - guard_floats, guard_floats, guard);
    std::fill_n(samples(), room(frames), rubbish);
    std::fill_n(samples() + room(frames), guard_floats, guard);
  }
  // The first frame outside of the room that was written; 0 when there is none, since frame 0 lies inside.
  int overrun(int frames) {
    for (int i = 0; i < guard_floats; ++i) {
      if (std::bit_cast<std::uint32_t>(samples()[room(frames) + i]) != guard_bits) return room(frames) + i;
      if (std::bit_cast<std::uint32_t>(samples()[-1 - i]) != guard_bits) return -1 - i;
    }
    return 0;
  }
  // The first frame that was not written; `frames` when all were.
  int unwritten(int frames) {
    for (int i = 0; i < frames; ++i)
      if (std::bit_cast<std::uint32_t>(samples()[i]) == rubbish_bits) return i;
    return frames;
  }
};

// What an event output is given in one call.
struct Rig::EventOutput {
  static constexpr std::size_t capacity = 1024;
  arr_event_list list{};  // first: append finds the rest behind it
  std::vector<arr_event> events;
  int port;
  int frames = 0;
  std::string broken;

  explicit EventOutput(std::ptrdiff_t port_index) : port(static_cast<int>(port_index)) {
    list.struct_size = sizeof list;
    list.stride = sizeof(arr_event);
    list.append = append;
    events.reserve(capacity);
  }
  void begin(int call_frames) {
    events.clear();
    frames = call_frames;
  }
  static std::int32_t append(arr_event_list *base, const arr_event *event) {
    auto &self = *reinterpret_cast<EventOutput *>(base);
    if (self.events.size() == capacity) return 0;
    self.events.push_back(*event);
    return 1;
  }
};

// A song in one tempo that plays from frame 0 on.
struct Rig::Transport {
  arr_transport api{};  // first: frame_of_beat finds the rest behind it
  double frames_per_beat;

  explicit Transport(double sample_rate) : frames_per_beat(sample_rate * 60 / bpm) {
    api.struct_size = sizeof api;
    api.flags = ARR_TRANSPORT_PLAYING | ARR_TRANSPORT_OFFLINE;
    api.bpm = bpm;
    api.time_signature_numerator = api.time_signature_denominator = 4;
    api.frame_of_beat = frame_of_beat;
  }
  const arr_transport &show() {
    api.beat = static_cast<double>(api.song_frame) / frames_per_beat;
    api.bar = static_cast<std::int32_t>(api.beat / 4);
    api.bar_beat = 4.0 * api.bar;
    return api;
  }

 private:
  static constexpr double bpm = 133;
  static std::int64_t frame_of_beat(const arr_transport *transport, double beat) {
    const double frames = beat * reinterpret_cast<const Transport *>(transport)->frames_per_beat;
    return static_cast<std::int64_t>(frames + (frames < 0 ? -0.5 : 0.5));
  }
};

}  // namespace arranger::validate
