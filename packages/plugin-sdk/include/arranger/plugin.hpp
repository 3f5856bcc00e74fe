// SPDX-License-Identifier: MIT
// The C++ layer of the SDK: derive from Plugin, declare ports as members, write process, export with ARRANGER_PLUGIN.
// It adds no facts to plugin.h, only comfort. Functions marked [audio] run on the processing thread: no allocation, lock,
// I/O or system call there. An exception that leaves any function becomes an error of that node alone.
#pragma once

#include <arranger/block.hpp>
#include <arranger/dsp.hpp>
#include <arranger/kept.hpp>
#include <arranger/port.hpp>
#include <arranger/state.hpp>
#include <arranger/types.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace arranger {

// A parameter that was renamed or rescaled: to = offset + scale * from. The engine applies it to sessions, schedules and
// connections that were made with a version before `before`.
struct Migration {
  int before = 0;              // the plugin version that has the new id
  const char *from = nullptr;  // the old id
  const char *to = nullptr;    // the new id, or the same
  double scale = 1;            // of the new value to the old
  double offset = 0;           // in the new unit
};

// In the order of their versions.
class Migrations {
 public:
  static constexpr std::size_t most = 16;  // of one plugin
  constexpr Migrations() = default;
  constexpr Migrations(std::initializer_list<Migration> all) {
    for (const Migration &migration : all) all_[count_++] = migration;  // one too many does not compile in a constant
  }
  // How many there are, and each by its number.
  constexpr std::size_t size() const { return count_; }
  constexpr const Migration &operator[](std::size_t index) const { return all_[index]; }

 private:
  Migration all_[most] = {};
  std::size_t count_ = 0;
};

// What is known of a plugin besides its ports.
struct PluginInfo {
  const char *id;    // reverse DNS: "com.acme.chorus"
  const char *name;  // for people
  Category category = Category::utility;
  int version = 1;                // counts up when parameters or state change
  const char *doc = "";           // one or two sentences
  const char *author = "";        // who made it
  const char *url = "";           // where more is said of it
  const char *license = "MIT";    // SPDX expression
  int event_grid = 1;             // events take effect on multiples of so many frames since reset
  double block_tolerance = 0;     // 0: the same bits however a block is cut
  bool preserves_finite = false;  // finite in, finite out: the engine need not look
  bool in_place = false;          // the n-th audio output may be the n-th audio input's buffer
  bool is_gain = false;           // output = input times the only parameter: the engine may compute it itself
  Migrations migrations = {};     // {{.before = 2, .from = "speed", .to = "rate"}}
};

// Derive from it. Ports, config values and what is kept are members; all functions but process may be left as they are.
class Plugin : public Owner {
 public:
  virtual ~Plugin() = default;

 protected:
  // [audio] Fills every output for block.frames frames. Events due at its first frame were delivered before.
  virtual void process(const Block &block) = 0;

  // [control] Takes memory, computes tables; config values and ports are final. set_latency and set_tail belong here.
  virtual void activate(const Activation &) {}
  // [control]
  virtual void deactivate() {}
  // [audio] Back to silence: voices, tails and phases as after activate.
  virtual void reset() {}

  // [control] What it remembers beside parameters and config values, which the engine keeps. save_state runs from activate to
  // deactivate and also while process runs: it reads what only load_state and activate write, or atomics. load_state comes after
  // activate and before the first process; fail() in it refuses the state. What sounds belongs into Kept.
  virtual void save_state(StateWriter &) const {}
  virtual void load_state(const StateReader &) {}

  // Curves: monitors with Hint::graph_editor. [control], from activate to deactivate, and also while process runs: they read
  // their arguments and what activate computed, nothing that process or events change.
  // The handles by which people edit a curve.
  virtual std::span<const CurvePoint> curve_points(const Port &) const { return {}; }
  // Fills y with the curve at each x, in the units of its GraphType, for these values of the parameters. Both have one size.
  virtual void curve_response(const Port &, const ParamValues &, double /*sample_rate*/, std::span<const double> /*x*/,
                              std::span<double> y) const {
    std::fill(y.begin(), y.end(), 0.0);
  }

  // [audio] Events, in order, each between two blocks.
  virtual void note_on(const Note &) {}
  virtual void note_off(const Note &) {}
  virtual void note_choke(const Note &note) { note_off(note); }
  virtual void control_change(const ControlChange &) {}
  virtual void program_change(const ProgramChange &) {}
  virtual void pitch_bend(const ChannelValue &) {}
  virtual void channel_volume(const ChannelValue &) {}
  virtual void channel_pressure(const ChannelValue &) {}
  virtual void poly_pressure(const Note &) {}  // velocity is the pressure
  // [audio] Any event, with its port; the default calls one of the functions above.
  virtual void event(const EventIn &port, const arr_event &event);

  // [control] In activate: frames by which the output lags the input; frames that sound after the input ends, -1 = endless.
  void set_latency(Frame frames) { latency_ = frames; }
  void set_tail(std::int64_t frames) { tail_ = frames; }
  // [control] In a constructor or activate: says why this instance cannot work. Where exceptions exist, throwing does the same.
  void fail(std::string message) { failure_ = std::move(message); }
  // [audio] In process: silence on every output, and no more calls until an input is not silent or an event comes.
  void sleep() {
    for (Port *port = first_port_; port; port = port->next_) port->set_silent();
    status_ = ARR_PROCESS_SLEEP;
  }
  // [audio] In process: the input is over and what sounds is the tail.
  void tail() { status_ = ARR_PROCESS_TAIL; }

 private:
  friend class detail::Adapter;
  friend class detail::Declarations;
  friend class detail::WaitingEvents;

  arr_process_status run(const arr_process &process);
  void run_in_pieces(const arr_process &process);
  bool is_one_piece(const arr_process &process) const;
  void bind(const detail::Piece &piece) {
    for (Port *port = first_port_; port; port = port->next_) port->bind(piece);
  }
  Frame deliver_due(const arr_process &process, Frame at);
  Frame deliver_due_on_grid(const arr_process &process, Frame at);
  Frame grid_frame(std::int64_t frame) const {
    return static_cast<Frame>((frames_since_reset_ + frame + event_grid_ - 1) / event_grid_ * event_grid_ -
                              frames_since_reset_);
  }
  void keep_late_events(const arr_process &process);

  Port *first_port_ = nullptr;
  std::vector<EventIn *> event_inputs_;
  std::vector<std::pair<const EventIn *, arr_event>> late_;  // due on a grid frame of a later call
  double sample_rate_ = 48000;
  std::int64_t frames_since_reset_ = 0;
  std::int64_t first_frame_ = -1;  // the steady frame of the first call after reset
  std::int64_t tail_ = 0;
  Frame latency_ = 0;
  int event_grid_ = 1;
  arr_process_status status_ = ARR_PROCESS_CONTINUE;
  std::string failure_;
};

inline void Plugin::event(const EventIn &, const arr_event &event) {
  const int channel = event.channel;
  const auto value = static_cast<float>(event.value);
  switch (event.type) {
    case ARR_EVENT_NOTE_ON:
      return note_on({channel, event.key, value, event.note_id});
    case ARR_EVENT_NOTE_OFF:
      return note_off({channel, event.key, value, event.note_id});
    case ARR_EVENT_NOTE_CHOKE:
      return note_choke({channel, event.key, value, event.note_id});
    case ARR_EVENT_CC:
      return control_change({channel, event.key, value});
    case ARR_EVENT_PROGRAM:
      return program_change({channel, event.key, static_cast<int>(event.value)});
    case ARR_EVENT_BEND:
      return pitch_bend({channel, value});
    case ARR_EVENT_VOLUME:
      return channel_volume({channel, value});
    case ARR_EVENT_PRESSURE:
      return channel_pressure({channel, value});
    case ARR_EVENT_POLY_PRESSURE:
      return poly_pressure({channel, event.key, value, event.note_id});
    default:
      return;
  }
}

// Delivers what is due at frame `at` and answers the frame of the next event, or the end of the call.
inline Frame Plugin::deliver_due(const arr_process &process, Frame at) {
  Frame next = process.frames;
  for (EventIn *input : event_inputs_) {
    const arr_event_list &list = *process.events[input->event_index_];
    const auto *bytes = reinterpret_cast<const std::byte *>(list.events);
    const auto count = static_cast<Frame>(list.count);
    for (; input->cursor_ < count; ++input->cursor_) {
      const auto &due =
          *reinterpret_cast<const arr_event *>(bytes + static_cast<std::size_t>(input->cursor_) * list.stride);
      if (due.frame > at) {
        next = std::min(next, due.frame);
        break;
      }
      event(*input, due);
    }
  }
  return next;
}

// The same where events wait for the grid: first those that an earlier call left over.
inline Frame Plugin::deliver_due_on_grid(const arr_process &process, Frame at) {
  Frame next = process.frames;
  std::size_t delivered = 0;
  for (; delivered < late_.size() && late_[delivered].second.frame <= at; ++delivered)
    event(*late_[delivered].first, late_[delivered].second);
  late_.erase(late_.begin(), late_.begin() + static_cast<std::ptrdiff_t>(delivered));
  if (!late_.empty()) next = std::min(next, late_.front().second.frame);
  for (EventIn *input : event_inputs_) {
    const arr_event_list &list = *process.events[input->event_index_];
    const auto *bytes = reinterpret_cast<const std::byte *>(list.events);
    for (; input->cursor_ < static_cast<Frame>(list.count); ++input->cursor_) {
      const auto &due =
          *reinterpret_cast<const arr_event *>(bytes + static_cast<std::size_t>(input->cursor_) * list.stride);
      const Frame frame = grid_frame(due.frame);
      if (frame > at) {
        next = std::min(next, frame);
        break;
      }
      event(*input, due);
    }
  }
  return next;
}

inline void Plugin::keep_late_events(const arr_process &process) {
  for (auto &[input, event] : late_) event.frame -= process.frames;
  for (EventIn *input : event_inputs_) {
    const arr_event_list &list = *process.events[input->event_index_];
    const auto *bytes = reinterpret_cast<const std::byte *>(list.events);
    for (; input->cursor_ < static_cast<Frame>(list.count) && late_.size() < late_.capacity(); ++input->cursor_) {
      arr_event event =
          *reinterpret_cast<const arr_event *>(bytes + static_cast<std::size_t>(input->cursor_) * list.stride);
      event.frame = grid_frame(event.frame) - process.frames;
      late_.emplace_back(input, event);
    }
  }
}

// Most calls have no events: they are one block.
inline bool Plugin::is_one_piece(const arr_process &process) const {
  if (process.frames > max_block_frames || !late_.empty()) return false;
  for (const EventIn *input : event_inputs_)
    if (process.events[input->event_index_]->count != 0) return false;
  return true;
}

inline arr_process_status Plugin::run(const arr_process &process) {
  // Not a count of processed frames: while the plugin sleeps nobody calls, and the grid goes on.
  if (first_frame_ < 0) first_frame_ = process.steady_frame;
  frames_since_reset_ = process.steady_frame - first_frame_;
  if (is_one_piece(process)) {
    bind({process, 0, process.frames});
    status_ = ARR_PROCESS_CONTINUE;
    this->process(
        Block{process.frames, sample_rate_, process.steady_frame, *process.transport, 0, frames_since_reset_});
  } else {
    run_in_pieces(process);
  }
  // An event that waits for the grid must not be slept through.
  return late_.empty() || status_ != ARR_PROCESS_SLEEP ? status_ : ARR_PROCESS_CONTINUE;
}

// Cuts a call into blocks: at events, and at max_block_frames.
inline void Plugin::run_in_pieces(const arr_process &process) {
  for (EventIn *input : event_inputs_) input->cursor_ = 0;
  for (Frame at = 0; at < process.frames;) {
    Frame end = std::min(process.frames, at + max_block_frames);
    bind({process, at, end - at});  // before the events, which see the parameters of their frame
    const Frame next = event_grid_ > 1 ? deliver_due_on_grid(process, at) : deliver_due(process, at);
    if (next < end) {
      end = next;
      bind({process, at, end - at});
    }
    status_ = ARR_PROCESS_CONTINUE;
    this->process(
        Block{end - at, sample_rate_, process.steady_frame + at, *process.transport, at, frames_since_reset_ + at});
    at = end;
  }
  if (event_grid_ > 1) keep_late_events(process);
}

}  // namespace arranger

#include <arranger/detail/adapter.hpp>
