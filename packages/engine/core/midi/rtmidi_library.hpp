// SPDX-License-Identifier: MIT
// RtMidi's C functions, and which of the system's MIDI services answer.
#pragma once

#include <rtmidi_c.h>

#include <vector>

namespace arranger {

struct RtMidiLibrary {
  decltype(&rtmidi_get_compiled_api) get_compiled_api;
  decltype(&rtmidi_open_port) open_port;
  decltype(&rtmidi_open_virtual_port) open_virtual_port;
  decltype(&rtmidi_close_port) close_port;
  decltype(&rtmidi_get_port_count) get_port_count;
  decltype(&rtmidi_get_port_name) get_port_name;
  decltype(&rtmidi_in_create) in_create;
  decltype(&rtmidi_in_free) in_free;
  decltype(&rtmidi_in_set_callback) in_set_callback;
  decltype(&rtmidi_out_create) out_create;
  decltype(&rtmidi_out_free) out_free;
  decltype(&rtmidi_out_send_message) out_send_message;

  // The services that are running, in RtMidi's order. RtMidi writes to stderr when one is not, so it is asked first. [control]
  std::vector<RtMidiApi> running() const;

  void *handle;
};

// Null where the library is not there. Opened once, never closed. Any thread.
const RtMidiLibrary *rtmidi_library();

}  // namespace arranger
