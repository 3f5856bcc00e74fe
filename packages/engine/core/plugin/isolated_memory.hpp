// SPDX-License-Identifier: MIT
// The memory that an engine and the process of an isolated plugin share: one call of process at a time. Both work out alike
// where everything lies in it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "arranger/plugin.h"
#include "base/priority.hpp"
#include "base/tempo_segments.hpp"
#include "plugin/descriptor.hpp"

namespace arranger::isolated {

inline constexpr std::uint32_t most_input_events = 4096, most_output_events = 1024;
// A longer map is shown around the playhead.
inline constexpr std::size_t most_tempo_segments = 16384;
// Stands in `done` when the process is gone.
inline constexpr std::uint32_t gone = 0xffffffffu;

struct Header {
  // The number of the last call that was asked for, and of the last that is done.
  alignas(64) std::atomic<std::uint32_t> request;
  alignas(64) std::atomic<std::uint32_t> done;
  // Of the engine's making, for one call:
  alignas(64) std::int32_t frames;
  std::int32_t resets;  // before it
  std::int64_t steady_frame;
  std::int32_t has_transport;  // the song is shown
  Priority priority;           // of the audio thread
  arr_transport transport;     // its function pointer means nothing there
  double sample_rate;
  std::uint64_t tempo_serial;
  std::uint64_t tempo_count;
  // The plugin's answer:
  alignas(64) arr_process_status status;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

// A port's place in the lists of Memory.
struct PortPlace {
  enum class Kind { input, output, monitor, events_in, events_out };
  Kind kind;
  std::uint32_t first;   // among channels, event lists, or monitors' channels
  std::uint32_t count;   // of channels
  std::uint32_t number;  // of an event list or a monitor: among its like
  std::uint32_t values;  // of a monitor: the most it shows
  bool is_parameter;
};

class Memory {
 public:
  Memory(const std::vector<Port> &ports, std::int32_t max_frames);
  std::size_t bytes() const { return bytes_; }
  void attach(std::byte *memory);

  // By position, as in the ABI's arr_process; valid once attached.
  std::vector<PortPlace> places;
  Header *header = nullptr;
  TempoSegment *tempo = nullptr;
  std::vector<float *> channels;
  std::vector<std::uint32_t *> hints;         // by port
  std::vector<arr_event *> events;            // by event port
  std::vector<std::uint32_t *> event_counts;  // the same
  std::vector<std::uint32_t *> value_counts;  // by monitor

 private:
  std::size_t take(std::size_t bytes);

  std::size_t bytes_ = 0;
  std::size_t tempo_at_ = 0;
  std::vector<std::size_t> channels_at_, hints_at_, events_at_, event_counts_at_, value_counts_at_;
};

}  // namespace arranger::isolated
