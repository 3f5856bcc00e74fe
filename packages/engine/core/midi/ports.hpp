// SPDX-License-Identifier: MIT
// MIDI ports: what there are, and opening them. The system's are RtMidi's; `loopback` is the process's own and always there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace arranger {

// A port that gives back what is sent to it, to all who have opened it.
inline constexpr const char *loopback_port = "loopback";

// One message, its status byte first, and when it came. On a thread of the port or of who sends, one call at a time.
using MidiReceiver = std::function<void(std::span<const std::uint8_t>, std::chrono::steady_clock::time_point)>;

// Open from construction to destruction, which waits for a call of the receiver in progress.
class MidiInput {
 public:
  virtual ~MidiInput() = default;
  virtual bool is_connected() = 0;              // false: it was unplugged. [control]
  virtual std::uint64_t overflows() const = 0;  // messages that came faster than they were received. Any thread
};

class MidiOutput {
 public:
  virtual ~MidiOutput() = default;
  virtual bool is_connected() = 0;  // [control]
  // One whole message. Error: device_unavailable. [control], one thread at a time.
  virtual Result<void> send(std::span<const std::uint8_t> message) = 0;
};

struct MidiPortNames {
  std::vector<std::string> inputs, outputs;  // each once
};

// Whether the system's ports can be had: RtMidi was there when this was built and is there now. Any thread.
bool has_system_midi();
// What can be opened now. [control]
MidiPortNames midi_ports();
// A virtual port is made under the name, for other programs to connect to. Error: device_unavailable. [control]
Result<std::unique_ptr<MidiInput>> open_midi_input(const std::string &name, bool is_virtual, MidiReceiver receiver);
Result<std::unique_ptr<MidiOutput>> open_midi_output(const std::string &name, bool is_virtual);

// Whether these bytes are one whole message, as a port takes it.
bool is_midi_message(std::span<const std::uint8_t> bytes);

}  // namespace arranger
