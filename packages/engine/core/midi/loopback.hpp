// SPDX-License-Identifier: MIT
// The port `loopback`: what any engine of the process sends to it arrives, in the call that sends it, at all that have opened
// it. It needs no system, so it is there on every machine.
#pragma once

#include "midi/ports.hpp"

namespace arranger {

std::unique_ptr<MidiInput> open_loopback_input(MidiReceiver receiver);
std::unique_ptr<MidiOutput> open_loopback_output();

}  // namespace arranger
