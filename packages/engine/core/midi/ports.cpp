// SPDX-License-Identifier: MIT
#include "midi/ports.hpp"

#include <algorithm>

#include "midi/loopback.hpp"
#include "midi/rtmidi.hpp"

namespace arranger {

bool has_system_midi() { return has_rtmidi(); }

MidiPortNames midi_ports() {
  MidiPortNames out = rtmidi_ports();
  for (auto *names : {&out.inputs, &out.outputs}) names->insert(names->begin(), loopback_port);
  return out;
}

Result<std::unique_ptr<MidiInput>> open_midi_input(const std::string &name, bool is_virtual, MidiReceiver receiver) {
  if (name == loopback_port && !is_virtual) return open_loopback_input(std::move(receiver));
  return open_rtmidi_input(name, is_virtual, std::move(receiver));
}

Result<std::unique_ptr<MidiOutput>> open_midi_output(const std::string &name, bool is_virtual) {
  if (name == loopback_port && !is_virtual) return open_loopback_output();
  return open_rtmidi_output(name, is_virtual);
}

bool is_midi_message(std::span<const std::uint8_t> bytes) {
  if (bytes.empty() || bytes[0] < 0x80) return false;
  const std::uint8_t status = bytes[0];
  const bool is_exclusive = status == 0xf0 && bytes.size() > 1 && bytes.back() == 0xf7;
  const auto data = bytes.subspan(1, bytes.size() - 1 - (is_exclusive ? 1 : 0));
  if (std::ranges::any_of(data, [](std::uint8_t byte) { return byte > 127; })) return false;
  if (is_exclusive) return true;
  const auto kind = status & 0xf0;
  if (kind != 0xf0) return data.size() == (kind == 0xc0 || kind == 0xd0 ? 1 : 2);
  if (status == 0xf1 || status == 0xf3) return data.size() == 1;  // time code, song select
  if (status == 0xf2) return data.size() == 2;                    // song position
  const bool is_undefined =
      status == 0xf0 || status == 0xf4 || status == 0xf5 || status == 0xf7 || status == 0xf9 || status == 0xfd;
  return !is_undefined && data.empty();
}

}  // namespace arranger
