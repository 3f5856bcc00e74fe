// SPDX-License-Identifier: MIT
// A MIDI message as an event of a schedule.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "engine.hpp"

namespace arranger {

// What messages of one port mean. A program names its bank here, so what controller 0 selected is kept by channel.
class MidiReader {
 public:
  // The event, for no node yet; nothing for a message that is not a channel's. One thread at a time.
  std::optional<PreviewEvent> read(std::span<const std::uint8_t> message);

 private:
  std::array<std::uint8_t, 16> banks_{};
};

}  // namespace arranger
