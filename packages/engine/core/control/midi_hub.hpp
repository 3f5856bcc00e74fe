// SPDX-License-Identifier: MIT
// An engine's open MIDI ports: what comes from inputs is played by the nodes they are for, moves the parameters that their
// controllers have learned, and is recorded.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/thread.hpp"
#include "control/events.hpp"
#include "control/midi_message.hpp"
#include "control/midi_recorder.hpp"
#include "engine.hpp"
#include "midi/ports.hpp"

namespace arranger {

enum class MidiDirection { input, output };

// Where an input's events go.
struct MidiRoute {
  std::string node;                     // empty: the first track source
  std::optional<std::int32_t> channel;  // none: all
};

struct MidiMapping {
  std::string port;
  std::int32_t channel = 0, controller = 0;
  std::string node, param;
};

struct OpenMidiPort {
  std::string name;
  MidiDirection direction;
  bool connected;
  MidiRoute route;
  std::uint64_t lost_events;
};

// Any thread.
class MidiHub {
 public:
  MidiHub(Engine &engine, EventHub &events) : engine_(engine), events_(events), recorder_(engine) {}
  ~MidiHub();
  MidiHub(const MidiHub &) = delete;
  MidiHub &operator=(const MidiHub &) = delete;

  // A port that is open already gets another route. Errors: device_unavailable, busy.
  Result<void> open_input(const std::string &name, bool is_virtual, MidiRoute route);
  Result<void> open_output(const std::string &name, bool is_virtual);
  // Ends the notes that an input holds. Error: device_unavailable when no such port is open.
  Result<void> close(const std::string &name, std::optional<MidiDirection> direction);
  // Error: device_unavailable.
  Result<void> send(const std::string &name, std::span<const std::uint8_t> message);
  std::vector<OpenMidiPort> open_ports();

  void learn(std::string node, std::string param);  // from the next controller that moves
  void stop_learning(const std::string &node, const std::string &param);
  void map(MidiMapping mapping);  // in place of what its controller moved before
  bool unmap(const std::string &node, const std::string &param);
  std::vector<MidiMapping> mappings() const;

  MidiRecorder &recorder() { return recorder_; }

  // Finds ports that were unplugged, and opens those that came back; to be called now and then.
  void look();

 private:
  using Time = MidiRecorder::Time;
  struct Input {
    std::string name;
    bool is_virtual = false;
    MidiRoute route;  // guarded by mutex_
    MidiReader reader;
    // The nodes that sound by this port, oldest first, by channel and key. Like the reader, the receiver's while the port is open.
    std::map<std::pair<int, int>, std::vector<std::string>> held;
    std::atomic<std::uint64_t> lost = 0;  // events that could not be played
    std::unique_ptr<MidiInput> port;      // null: it is away
  };
  struct Output {
    bool is_virtual = false;
    std::unique_ptr<MidiOutput> port;
  };

  Result<void> connect(Input &input);
  void disconnect(Input &input);
  void receive(Input &input, std::span<const std::uint8_t> message, Time when);
  std::optional<MidiMapping> mapping_for(const Input &input, const PreviewEvent &event);
  bool play(Input &input, PreviewEvent event, const std::string &node, Time when);
  bool move_param(const MidiMapping &mapping, int position, Time when);
  void tell(MidiDirection direction, const std::string &name, bool connected) const;

  Engine &engine_;
  EventHub &events_;
  MidiRecorder recorder_;
  Mutex ports_mutex_;  // ports are opened, used and closed by one at a time; receivers never take it
  std::map<std::string, std::unique_ptr<Input>, std::less<>> inputs_;
  std::map<std::string, Output, std::less<>> outputs_;
  mutable Mutex mutex_;  // guards routes and what follows, held only briefly
  std::vector<MidiMapping> mappings_;
  std::optional<MidiMapping> learning_;
};

}  // namespace arranger
