// SPDX-License-Identifier: MIT
// What all ports have in common, and what they are declared in.
#pragma once

#include <arranger/types.hpp>

#include <algorithm>
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

class Adapter;
class Declarations;
class WaitingEvents;

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
  friend class Kept;
  friend class Plugin;
  friend class detail::Declarations;
  template <class T>
  friend class PortArray;
  // Kept apart from what processing reads.
  struct Declared {
    std::vector<detail::Item *> items;
    std::vector<class Config *> configs;
    std::vector<class Kept *> kept;
    std::vector<Port *> ports;
  };
  std::unique_ptr<Declared> declared_ = std::make_unique<Declared>();
};

// What may be said of a port.
struct PortOptions {
  const char *doc = "";         // one or two sentences
  const char *group = nullptr;  // ports of one group are shown together
  Frame delay_frames = 0;       // of an output: at least so many frames pass from any input to it
};

// What may be said of a parameter, a control output or a monitor.
struct ParamOptions {
  double min = 0;            // inclusive
  double max = 1;            // inclusive
  double default_value = 0;  // in the unit
  double step = 0;           // 0 = no grid
  Unit unit = Unit::none;
  Taper taper = Taper::linear;
  Hint hint = Hint::continuous;
  double smoothing_ms = 0;                 // length of the line that a change becomes
  std::vector<const char *> choices = {};  // makes it categorical: 0 .. size - 1
  const char *doc = "";                    // one or two sentences
  const char *group = nullptr;             // ports of one group are shown together
  GraphType graph_type =
      GraphType::none;  // of a monitor with Hint::graph_editor: the curve it shows, see Plugin::curve_response
  std::uint32_t flags = ARR_PORT_FLAG_AUTOMATABLE | ARR_PORT_FLAG_MODULATABLE;
  int since_version = 1;
};

// What all ports have in common.
class Port : public detail::Item {
 public:
  // Shape, range and text of this port. Strings live as long as the port.
  const arr_port &description() const { return description_; }

 protected:
  friend class Plugin;
  friend class ParamValues;
  friend class detail::Declarations;
  friend class detail::WaitingEvents;

  Port(Owner &owner, arr_port_type type, arr_port_role role, std::string id, std::string name, const char *doc,
       const char *group)
      : text_(new Text{{}, std::move(id), std::move(name), {}}), description_(text_->description) {
    description_.struct_size = sizeof(arr_port);
    description_.type = type;
    description_.role = role;
    description_.id = text_->id.c_str();
    description_.display_name = text_->name.c_str();
    description_.doc = doc;
    description_.group = group;
    description_.since_version = 1;
    owner.declared_->items.push_back(this);
  }

  int channel_count() const {
    switch (description_.type) {
      case ARR_PORT_TYPE_AUDIO_STEREO:
        return 2;
      case ARR_PORT_TYPE_AUDIO:
        return description_.channel_count;
      case ARR_PORT_TYPE_EVENT:
        return 0;
      default:
        return 1;
    }
  }
  bool is_output() const {
    return description_.role == ARR_PORT_ROLE_OUTPUT || description_.role == ARR_PORT_ROLE_MONITOR;
  }
  bool is_curve() const {
    return description_.role == ARR_PORT_ROLE_MONITOR && description_.hint == ARR_PORT_HINT_GRAPH_EDITOR;
  }
  float *channel(const detail::Piece &piece, int index = 0) const {
    return piece.process.channels[first_channel_ + index] + piece.offset;
  }
  std::uint32_t &hints(const detail::Piece &piece) const { return *piece.process.hints[port_index_]; }

  virtual void bind(const detail::Piece &piece) = 0;  // [audio]
  virtual void set_silent() {}                        // [audio]
  void collect(std::vector<Port *> &ports) override { ports.push_back(this); }

  int first_channel_ = 0;
  int port_index_ = 0;
  int event_index_ = 0;
  int monitor_index_ = 0;
  Port *next_ = nullptr;  // of the plugin's, in their order

  // Kept apart from what processing reads: ports then fit a cache line each.
  struct Text {
    arr_port description{};
    std::string id, name;
    std::vector<const char *> choices;
  };
  std::unique_ptr<Text> text_;
  arr_port &description_;
};

}  // namespace arranger
