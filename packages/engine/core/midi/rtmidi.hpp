// SPDX-License-Identifier: MIT
// The system's MIDI ports, through RtMidi. Its library is opened when it is first asked for, so that the engine runs where there
// is none; its C interface lets no exception out.
#pragma once

#include "midi/ports.hpp"

namespace arranger {

bool has_rtmidi();
MidiPortNames rtmidi_ports();
// Error: device_unavailable.
Result<std::unique_ptr<MidiInput>> open_rtmidi_input(const std::string &name, bool is_virtual, MidiReceiver receiver);
Result<std::unique_ptr<MidiOutput>> open_rtmidi_output(const std::string &name, bool is_virtual);

}  // namespace arranger
