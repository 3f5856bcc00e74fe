// SPDX-License-Identifier: MIT
#include "plugin/isolated_memory.hpp"

#include <algorithm>

namespace arranger::isolated {

Memory::Memory(const std::vector<Port> &ports, std::int32_t max_frames) {
  take(sizeof(Header));
  for (const Port &port : ports) {
    PortPlace place{};
    place.first = static_cast<std::uint32_t>(port.is_event() ? events_at_.size() : channels_at_.size());
    place.count = static_cast<std::uint32_t>(port.channels());
    place.is_parameter = port.is_parameter();
    hints_at_.push_back(take(sizeof(std::uint32_t)));
    if (port.is_event()) {
      place.kind = port.is_input() ? PortPlace::Kind::events_in : PortPlace::Kind::events_out;
      place.number = place.first;
      event_counts_at_.push_back(take(sizeof(std::uint32_t)));
      events_at_.push_back(take(sizeof(arr_event) * (port.is_input() ? most_input_events : most_output_events)));
    } else if (port.is_monitor()) {
      place.kind = PortPlace::Kind::monitor;
      place.number = static_cast<std::uint32_t>(value_counts_at_.size());
      place.values = static_cast<std::uint32_t>(std::max(port.value_count, 1));
      value_counts_at_.push_back(take(sizeof(std::uint32_t)));
      channels_at_.push_back(take(sizeof(float) * place.values));
    } else {
      place.kind = port.is_input() ? PortPlace::Kind::input : PortPlace::Kind::output;
      const std::size_t frames = (static_cast<std::size_t>(max_frames) + 15) / 16 * 16;
      for (std::uint32_t c = 0; c < place.count; ++c) channels_at_.push_back(take(sizeof(float) * frames));
    }
    places.push_back(place);
  }
  tempo_at_ = take(sizeof(TempoSegment) * most_tempo_segments);
}

// Each on a cache line of its own.
std::size_t Memory::take(std::size_t bytes) {
  const std::size_t at = bytes_;
  bytes_ += (bytes + 63) / 64 * 64;
  return at;
}

void Memory::attach(std::byte *memory) {
  const auto place = [memory]<class T>(const std::vector<std::size_t> &offsets, std::vector<T *> &out) {
    for (const std::size_t offset : offsets) out.push_back(reinterpret_cast<T *>(memory + offset));
  };
  header = reinterpret_cast<Header *>(memory);
  tempo = reinterpret_cast<TempoSegment *>(memory + tempo_at_);
  place(channels_at_, channels);
  place(hints_at_, hints);
  place(events_at_, events);
  place(event_counts_at_, event_counts);
  place(value_counts_at_, value_counts);
}

}  // namespace arranger::isolated
