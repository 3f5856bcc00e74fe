// SPDX-License-Identifier: MIT
// Ports and config values as members: declared once, where they are used, in the order of the descriptor.
#pragma once

#include <arranger/types.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace arranger {

class Port;

namespace detail {

// One call of process, seen from `offset` on.
struct Piece {
  const arr_process &process;
  Frame offset;
  Frame frames;
};

// What a plugin declares: a port, or an array of ports.
class Item {
 public:
  virtual ~Item() = default;
  virtual void collect(std::vector<Port *> &ports) = 0;
};

class Declarations;

}  // namespace detail

// What ports and arrays are declared in: the plugin.
class Owner {
 public:
  Owner() = default;
  Owner(const Owner &) = delete;
  Owner &operator=(const Owner &) = delete;

 private:
  friend class Port;
  friend class Config;
  friend class detail::Declarations;
  template <class T>
  friend class PortArray;
  std::vector<detail::Item *> items_;
  std::vector<class Config *> configs_;
};

struct PortOptions {
  const char *doc = "";
  const char *group = nullptr;
  Frame delay_frames = 0;   // of an output: at least so many frames pass from any input to it
};

struct ParamOptions {
  double min = 0;                         // inclusive
  double max = 1;                         // inclusive
  double default_value = 0;
  double step = 0;                        // 0 = no grid
  Unit unit = Unit::none;
  Taper taper = Taper::linear;
  Hint hint = Hint::continuous;
  double smoothing_ms = 0;                // length of the line that a change becomes
  std::vector<const char *> choices = {}; // makes it categorical: 0 .. size - 1
  const char *doc = "";
  const char *group = nullptr;
  std::uint32_t flags = ARR_PORT_FLAG_AUTOMATABLE | ARR_PORT_FLAG_MODULATABLE;
  int since_version = 1;
};

class Port : public detail::Item {
 public:
  // Shape, range and text of this port. Strings live as long as the port.
  const arr_port &description() const { return description_; }

 protected:
  friend class Plugin;
  friend class detail::Declarations;

  Port(Owner &owner, arr_port_type type, arr_port_role role, std::string id, std::string name, const char *doc,
       const char *group)
      : id_(std::move(id)), name_(std::move(name)) {
    description_.struct_size = sizeof(arr_port);
    description_.type = type;
    description_.role = role;
    description_.id = id_.c_str();
    description_.display_name = name_.c_str();
    description_.doc = doc;
    description_.group = group;
    description_.since_version = 1;
    owner.items_.push_back(this);
  }

  int channel_count() const {
    switch (description_.type) {
      case ARR_PORT_TYPE_AUDIO_STEREO: return 2;
      case ARR_PORT_TYPE_AUDIO: return description_.channel_count;
      case ARR_PORT_TYPE_EVENT: return 0;
      default: return 1;
    }
  }
  bool is_output() const {
    return description_.role == ARR_PORT_ROLE_OUTPUT || description_.role == ARR_PORT_ROLE_MONITOR;
  }
  float *channel(const detail::Piece &piece, int index = 0) const {
    return piece.process.channels[first_channel_ + index] + piece.offset;
  }
  std::uint32_t &hints(const detail::Piece &piece) const { return *piece.process.hints[port_index_]; }

  virtual void bind(const detail::Piece &piece) = 0;   // [audio]
  virtual void set_silent() {}                         // [audio]
  void collect(std::vector<Port *> &ports) override { ports.push_back(this); }

  arr_port description_{};
  int first_channel_ = 0;
  int port_index_ = 0;
  int event_index_ = 0;

 private:
  std::string id_, name_;
};

// An audio input of one channel.
class MonoIn final : public Port {
 public:
  MonoIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {},
         arr_port_role role = ARR_PORT_ROLE_INPUT)
      : Port(owner, ARR_PORT_TYPE_AUDIO_MONO, role, std::move(id), std::move(name), options.doc, options.group) {}
  const float *samples = nullptr;
  float operator[](Frame i) const { return samples[i]; }
  bool silent() const { return silent_; }   // every sample of this block is exactly zero

 private:
  void bind(const detail::Piece &piece) override {
    samples = channel(piece);
    silent_ = (hints(piece) & ARR_HINT_SILENT) != 0;
  }
  bool silent_ = true;
};

// A stereo audio input.
class AudioIn final : public Port {
 public:
  AudioIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {},
          arr_port_role role = ARR_PORT_ROLE_INPUT)
      : Port(owner, ARR_PORT_TYPE_AUDIO_STEREO, role, std::move(id), std::move(name), options.doc, options.group) {}
  const float *left = nullptr;
  const float *right = nullptr;
  bool silent() const { return silent_; }   // every sample of this block is exactly zero

 private:
  void bind(const detail::Piece &piece) override {
    left = channel(piece, 0);
    right = channel(piece, 1);
    silent_ = (hints(piece) & ARR_HINT_SILENT) != 0;
  }
  bool silent_ = true;
};

namespace detail {

// Counts the frames that a plugin left silent, so that the port is marked only when all of a call's pieces were.
class SilenceCount {
 public:
  void begin(const Piece &piece, std::uint32_t &hints) {
    if (piece.offset == 0) frames_ = 0;
    total_ = piece.process.frames;
    piece_ = piece.frames;
    hints_ = &hints;
  }
  void add() {
    frames_ += std::exchange(piece_, 0);
    if (frames_ == total_) *hints_ |= ARR_HINT_SILENT;
  }

 private:
  Frame frames_ = 0, total_ = 0, piece_ = 0;
  std::uint32_t *hints_ = nullptr;
};

}  // namespace detail

// An audio output of one channel.
class MonoOut final : public Port {
 public:
  MonoOut(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : Port(owner, ARR_PORT_TYPE_AUDIO_MONO, ARR_PORT_ROLE_OUTPUT, std::move(id), std::move(name), options.doc,
             options.group) {
    description_.delay_frames = options.delay_frames;
  }
  float *samples = nullptr;
  float &operator[](Frame i) const { return samples[i]; }
  // [audio] Writes zeros to this block and says so to whoever reads it.
  void set_silent() override {
    std::fill_n(samples, frames_, 0.0f);
    silence_.add();
  }

 private:
  void bind(const detail::Piece &piece) override {
    samples = channel(piece);
    frames_ = piece.frames;
    silence_.begin(piece, hints(piece));
  }
  Frame frames_ = 0;
  detail::SilenceCount silence_;
};

// A stereo audio output.
class AudioOut final : public Port {
 public:
  AudioOut(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : Port(owner, ARR_PORT_TYPE_AUDIO_STEREO, ARR_PORT_ROLE_OUTPUT, std::move(id), std::move(name), options.doc,
             options.group) {
    description_.delay_frames = options.delay_frames;
  }
  float *left = nullptr;
  float *right = nullptr;
  // [audio] Writes zeros to this block and says so to whoever reads it.
  void set_silent() override {
    std::fill_n(left, frames_, 0.0f);
    std::fill_n(right, frames_, 0.0f);
    silence_.add();
  }

 private:
  void bind(const detail::Piece &piece) override {
    left = channel(piece, 0);
    right = channel(piece, 1);
    frames_ = piece.frames;
    silence_.begin(piece, hints(piece));
  }
  Frame frames_ = 0;
  detail::SilenceCount silence_;
};

namespace detail {

class ControlPort : public Port {
 protected:
  ControlPort(Owner &owner, arr_port_role role, std::string id, std::string name, const ParamOptions &options)
      : Port(owner, ARR_PORT_TYPE_CONTROL, role, std::move(id), std::move(name), options.doc, options.group),
        choices_(options.choices) {
    const bool categorical = !choices_.empty();
    description_.hint = static_cast<arr_port_hint>(
        categorical && options.hint == Hint::continuous ? Hint::categorical : options.hint);
    description_.unit = static_cast<arr_unit>(options.unit);
    description_.taper = static_cast<arr_taper>(options.taper);
    description_.default_value = options.default_value;
    description_.min = categorical ? 0 : options.min;
    description_.max = categorical ? static_cast<double>(choices_.size() - 1) : options.max;
    description_.step = categorical || options.hint == Hint::integer || options.hint == Hint::toggle ? 1 : options.step;
    description_.smoothing_ms = options.smoothing_ms;
    description_.choices = categorical ? choices_.data() : nullptr;
    description_.choice_count = static_cast<std::uint32_t>(choices_.size());
    description_.flags = options.flags;
    description_.since_version = options.since_version;
  }

 private:
  std::vector<const char *> choices_;
};

}  // namespace detail

// A parameter: a control input. Ramps, smoothing, automation and modulation are in it when process reads it.
class Param final : public detail::ControlPort {
 public:
  Param(Owner &owner, std::string id, std::string name, const ParamOptions &options)
      : ControlPort(owner, ARR_PORT_ROLE_INPUT, std::move(id), std::move(name), options),
        filled_(static_cast<std::size_t>(max_block_frames)) {}

  // [audio] The value at frame i of the block, in the parameter's unit: a plain load, also when it does not move.
  float operator[](Frame i) const { return data_[i]; }
  // [audio] The value at frame 0: all there is to know where is_constant.
  float value() const { return data_[0]; }
  // [audio] The value as an index into the choices, or as a whole number.
  int index() const { return static_cast<int>(std::lround(data_[0])); }
  bool on() const { return data_[0] >= 0.5f; }
  bool is_constant() const { return constant_; }
  Frame size() const { return frames_; }
  const float *data() const { return data_; }

 private:
  void bind(const detail::Piece &piece) override {
    frames_ = piece.frames;
    constant_ = (hints(piece) & ARR_HINT_CONSTANT) != 0;
    if (!constant_) {
      data_ = channel(piece);
      return;
    }
    data_ = filled_.data();
    const float now = piece.process.channels[first_channel_][0];
    if (!(now == filled_[0]) || !valid_) std::fill(filled_.begin(), filled_.end(), now);
    valid_ = true;
  }
  const float *data_ = nullptr;
  Frame frames_ = 0;
  bool constant_ = true;
  bool valid_ = false;
  std::vector<float> filled_;   // the constant, once per change and not once per block
};

// A control output: one value per frame.
class ControlOut final : public detail::ControlPort {
 public:
  ControlOut(Owner &owner, std::string id, std::string name, const ParamOptions &options = {})
      : ControlPort(owner, ARR_PORT_ROLE_OUTPUT, std::move(id), std::move(name), options) {}
  float &operator[](Frame i) const { return data_[i]; }
  float *data() const { return data_; }
  // [audio] The same value in every frame of this block.
  void fill(float value) { std::fill_n(data_, frames_, value); }

 private:
  void bind(const detail::Piece &piece) override {
    data_ = channel(piece);
    frames_ = piece.frames;
  }
  float *data_ = nullptr;
  Frame frames_ = 0;
};

// A value for people to look at: a level, a gain reduction. The last one of a call counts.
class Monitor final : public detail::ControlPort {
 public:
  Monitor(Owner &owner, std::string id, std::string name, const ParamOptions &options = {})
      : ControlPort(owner, ARR_PORT_ROLE_MONITOR, std::move(id), std::move(name), options) {}
  // [audio]
  void set(float value) { *data_ = value; }

 private:
  void bind(const detail::Piece &piece) override { data_ = piece.process.channels[first_channel_]; }
  float *data_ = nullptr;
};

// An event input. Its events arrive through the plugin's note_on, note_off, … exactly between two blocks.
class EventIn final : public Port {
 public:
  EventIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : Port(owner, ARR_PORT_TYPE_EVENT, ARR_PORT_ROLE_INPUT, std::move(id), std::move(name), options.doc,
             options.group) {}

 private:
  friend class Plugin;
  void bind(const detail::Piece &) override {}
  Frame cursor_ = 0;
};

// An event output.
class EventOut final : public Port {
 public:
  EventOut(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : Port(owner, ARR_PORT_TYPE_EVENT, ARR_PORT_ROLE_OUTPUT, std::move(id), std::move(name), options.doc,
             options.group) {}

  // [audio] Sends an event at a frame of this block; frames must not decrease. False: the list is full, the event is lost
  // and counted.
  bool send(Frame frame, arr_event event) {
    event.frame = offset_ + frame;
    return list_->append(list_, &event) != 0;
  }
  bool note_on(Frame frame, int channel, int key, float velocity) {
    return send(frame, note(ARR_EVENT_NOTE_ON, channel, key, velocity));
  }
  bool note_off(Frame frame, int channel, int key) { return send(frame, note(ARR_EVENT_NOTE_OFF, channel, key, 0)); }

 private:
  static arr_event note(arr_event_type type, int channel, int key, float value) {
    arr_event event{};
    event.type = type;
    event.channel = static_cast<std::uint16_t>(channel);
    event.key = key;
    event.value = static_cast<double>(value);
    return event;
  }
  void bind(const detail::Piece &piece) override {
    list_ = piece.process.events[event_index_];
    offset_ = piece.offset;
  }
  arr_event_list *list_ = nullptr;
  Frame offset_ = 0;
};

struct ConfigOptions {
  ConfigType type = ConfigType::string;
  const char *default_text = "";
  double default_number = 0;
  double min = 0;   // min = max: no limit
  double max = 0;
  const char *file_filter = nullptr;
  std::vector<const char *> choices = {};
  const char *doc = "";
};

// A value that decides ports or resources. It is set before activate and stays until the instance is gone.
class Config final {
 public:
  Config(Owner &owner, const char *id, const char *name, const ConfigOptions &options)
      : text_(options.default_text), number_(options.default_number), choices_(options.choices) {
    description_.struct_size = sizeof(arr_config_param);
    description_.type = static_cast<arr_config_type>(options.type);
    description_.id = id;
    description_.display_name = name;
    description_.doc = options.doc;
    description_.default_text = options.default_text;
    description_.default_number = options.default_number;
    description_.min = options.min;
    description_.max = options.max;
    description_.file_filter = options.file_filter;
    description_.choices = choices_.empty() ? nullptr : choices_.data();
    description_.choice_count = static_cast<std::uint32_t>(choices_.size());
    owner.configs_.push_back(this);
  }
  const std::string &text() const { return text_; }
  double number() const { return number_; }
  int integer() const { return static_cast<int>(number_); }
  const arr_config_param &description() const { return description_; }

 private:
  friend class detail::Declarations;
  arr_config_param description_{};
  std::string text_;
  double number_;
  std::vector<const char *> choices_;
};

// As many ports as a config value says: ids are the prefix and a number from 0 on.
template <class T>
class PortArray final : public detail::Item {
 public:
  template <class Options>
  PortArray(Owner &owner, const Config &count, std::string id_prefix, std::string name_prefix, Options options)
      : count_(count) {
    make_ = [id_prefix = std::move(id_prefix), name_prefix = std::move(name_prefix),
             options = std::move(options)](Owner &elements, int index) {
      return std::make_unique<T>(elements, id_prefix + std::to_string(index), name_prefix + std::to_string(index + 1),
                                 options);
    };
    owner.items_.push_back(this);
  }
  int size() const { return static_cast<int>(ports_.size()); }
  T &operator[](int index) { return *ports_[static_cast<std::size_t>(index)]; }
  const T &operator[](int index) const { return *ports_[static_cast<std::size_t>(index)]; }

 private:
  void collect(std::vector<Port *> &ports) override {
    const auto wanted = static_cast<std::size_t>(std::max(0, count_.integer()));
    while (ports_.size() > wanted) ports_.pop_back();
    while (ports_.size() < wanted) ports_.push_back(make_(elements_, size()));
    for (auto &port : ports_) ports.push_back(port.get());
  }
  const Config &count_;
  Owner elements_;
  std::function<std::unique_ptr<T>(Owner &, int)> make_;
  std::vector<std::unique_ptr<T>> ports_;
};

}  // namespace arranger
