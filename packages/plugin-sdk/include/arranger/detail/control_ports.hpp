// SPDX-License-Identifier: MIT
// Control ports: parameters, control outputs and monitors.
#pragma once

#include <arranger/detail/port_base.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace arranger {

namespace detail {

class ControlPort : public Port {
 protected:
  ControlPort(Owner &owner, arr_port_role role, std::string id, std::string name, const ParamOptions &options)
      : Port(owner, ARR_PORT_TYPE_CONTROL, role, std::move(id), std::move(name), options.doc, options.group) {
    std::vector<const char *> &choices = text_->choices = options.choices;
    const bool categorical = !choices.empty();
    description_.hint =
        static_cast<arr_port_hint>(categorical && options.hint == Hint::continuous ? Hint::categorical : options.hint);
    description_.unit = static_cast<arr_unit>(options.unit);
    description_.taper = static_cast<arr_taper>(options.taper);
    description_.default_value = options.default_value;
    description_.min = categorical ? 0 : options.min;
    description_.max = categorical ? static_cast<double>(choices.size() - 1) : options.max;
    description_.step = categorical || options.hint == Hint::integer || options.hint == Hint::toggle ? 1 : options.step;
    description_.graph_type = static_cast<arr_graph_type>(options.graph_type);
    description_.smoothing_ms = options.smoothing_ms;
    description_.choices = categorical ? choices.data() : nullptr;
    description_.choice_count = static_cast<std::uint32_t>(choices.size());
    description_.flags = options.flags;
    description_.since_version = options.since_version;
  }
};

}  // namespace detail

// A parameter: a control input. Ramps, smoothing, automation and modulation are in it when process reads it.
class Param final : public detail::ControlPort {
 public:
  Param(Owner &owner, std::string id, std::string name, const ParamOptions &options)
      : ControlPort(owner, ARR_PORT_ROLE_INPUT, std::move(id), std::move(name), options),
        filled_(std::make_unique<Filled>()) {}

  // [audio] The value at frame i of the block, in the parameter's unit: a plain load, also when it does not move.
  float operator[](Frame i) const { return data_[i]; }
  // [audio] The value at frame 0: all there is to know where is_constant.
  float value() const { return value_; }
  // [audio] The value as an index into the choices, or as a whole number.
  int index() const { return static_cast<int>(std::lround(value_)); }
  bool on() const { return value_ >= 0.5f; }
  bool is_constant() const { return constant_; }
  Frame size() const { return frames_; }
  const float *data() const { return data_; }

 private:
  void bind(const detail::Piece &piece) override {
    frames_ = piece.frames;
    constant_ = (hints(piece) & ARR_HINT_CONSTANT) != 0;
    if (!constant_) {
      data_ = channel(piece);
      value_ = data_[0];
      return;
    }
    value_ = piece.process.channels[first_channel_][0];
    data_ = filled_->values;
    if (value_ == filled_with_) return;  // most often: the values themselves are then not touched
    std::fill_n(filled_->values, max_block_frames, value_);
    filled_with_ = value_;
  }
  // Aligned as the engine's buffers are: loads that cross cache lines cost twice.
  struct alignas(64) Filled {
    float values[max_block_frames] = {};
  };
  const float *data_ = nullptr;
  std::unique_ptr<Filled> filled_;  // the constant, once per change and not once per block
  Frame frames_ = 0;
  float value_ = 0, filled_with_ = 0;
  bool constant_ = true;
};

// A control output: one value per frame.
class ControlOut final : public detail::ControlPort {
 public:
  ControlOut(Owner &owner, std::string id, std::string name, const ParamOptions &options = {})
      : ControlPort(owner, ARR_PORT_ROLE_OUTPUT, std::move(id), std::move(name), options) {}
  // [audio] The value at frame i of the block, and all of them in a row.
  float &operator[](Frame i) const { return data_[i]; }
  float *data() const { return data_; }
  // [audio] The same value in every frame of this block.
  void fill(float value) { std::fill_n(data_, frames_, value); }
  void set_silent() override { fill(0.0f); }

 private:
  void bind(const detail::Piece &piece) override {
    data_ = channel(piece);
    frames_ = piece.frames;
  }
  float *data_ = nullptr;
  Frame frames_ = 0;
};

// A value for people to look at: a level, a gain reduction. The last one of a call counts, and stays until the next.
// With Hint::graph_editor it shows a curve instead, see Plugin::curve_response, and is never set.
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

// Many values for people to look at: a history, a spectrum, a wave. The engine owns them: they last from call to call and
// over sleep, so a plugin writes only what changes; activate and reset leave them zero, with a count of 0.
class DataMonitor final : public detail::ControlPort {
 public:
  // `capacity`: the most values at a time, 1..65536.
  DataMonitor(Owner &owner, std::string id, std::string name, int capacity, const ParamOptions &options = {})
      : ControlPort(owner, ARR_PORT_ROLE_MONITOR, std::move(id), std::move(name), options) {
    description_.value_count = capacity;
  }
  // All of them, also those past the count.
  std::span<float> values() const { return {data_, static_cast<std::size_t>(capacity())}; }
  int capacity() const { return description_.value_count; }
  // [audio] How many of the values are there to be shown, from the first on: 0..capacity.
  int count() const { return static_cast<int>(*count_); }
  void set_count(int count) { *count_ = static_cast<std::uint32_t>(count); }

 private:
  void bind(const detail::Piece &piece) override {
    data_ = piece.process.channels[first_channel_];
    count_ = piece.process.value_counts[monitor_index_];
  }
  float *data_ = nullptr;
  std::uint32_t *count_ = nullptr;
};

}  // namespace arranger
