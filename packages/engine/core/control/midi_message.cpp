// SPDX-License-Identifier: MIT
#include "control/midi_message.hpp"

#include "midi/ports.hpp"

namespace arranger {

std::optional<PreviewEvent> MidiReader::read(std::span<const std::uint8_t> message) {
  constexpr int bank_select = 0;
  if (!is_midi_message(message) || message[0] >= 0xf0) return std::nullopt;
  PreviewEvent event;
  event.channel = message[0] & 0x0f;
  const int first = message[1], second = message.size() > 2 ? message[2] : 0;
  event.pitch = first;
  event.velocity = second;
  switch (message[0] >> 4) {
    case 0x8:
      event.kind = EventKind::note_off;
      break;
    case 0x9:
      event.kind = second == 0 ? EventKind::note_off : EventKind::note_on;
      break;
    case 0xa:
      event.kind = EventKind::poly_pressure;
      break;
    case 0xb:
      event.kind = EventKind::cc;
      if (first == bank_select) banks_[static_cast<std::size_t>(event.channel)] = message[2];
      break;
    case 0xc:
      event.kind = EventKind::program;
      event.velocity = banks_[static_cast<std::size_t>(event.channel)];
      break;
    case 0xd:
      event.kind = EventKind::pressure;
      event.pitch = 0;
      event.velocity = first;
      break;
    default:
      event.kind = EventKind::bend;
      event.pitch = second << 7 | first;
      event.velocity = 0;
  }
  return event;
}

}  // namespace arranger
