// SPDX-License-Identifier: MIT
// What a plugin says of itself, checked and owned by the engine: a deep copy of arr_descriptor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arranger/plugin.h"
#include "base/error.hpp"

namespace arranger {

// See arr_port for units and ranges. Enumerations keep the ABI's integers; they have been checked to be known ones.
struct Port {
  std::string id;
  std::string display_name;
  std::string doc;
  std::string group;
  arr_port_type type = ARR_PORT_TYPE_AUDIO_STEREO;
  arr_port_role role = ARR_PORT_ROLE_INPUT;
  std::int32_t channel_count = 0;  // of type audio; see channels()
  arr_port_hint hint = ARR_PORT_HINT_CONTINUOUS;
  arr_unit unit = ARR_UNIT_NONE;
  arr_taper taper = ARR_TAPER_LINEAR;
  arr_graph_type graph_type = ARR_GRAPH_TYPE_NONE;
  double default_value = 0;
  double min = 0;
  double max = 0;
  double step = 0;
  double smoothing_ms = 0;
  std::vector<std::string> choices;
  std::uint32_t flags = 0;  // ARR_PORT_FLAG_…
  bool show_port_default = false;
  std::int32_t since_version = 0;
  std::int32_t delay_frames = 0;
  std::int32_t value_count = 0;  // of a monitor, 1 or more

  bool operator==(const Port &) const = default;

  bool is_event() const { return type == ARR_PORT_TYPE_EVENT; }
  bool is_control() const { return type == ARR_PORT_TYPE_CONTROL; }
  bool is_audio() const { return !is_event() && !is_control(); }
  bool is_input() const { return role == ARR_PORT_ROLE_INPUT || role == ARR_PORT_ROLE_SIDECHAIN; }
  bool is_output() const { return !is_input(); }
  bool is_monitor() const { return role == ARR_PORT_ROLE_MONITOR; }
  bool is_parameter() const { return is_control() && is_input(); }
  // Entries of arr_process.channels that the port takes: mono 1, stereo 2, audio channel_count, control 1, event 0.
  std::int32_t channels() const;
};

struct ConfigParam {
  std::string id;
  std::string display_name;
  std::string doc;
  arr_config_type type = ARR_CONFIG_TYPE_STRING;
  std::string default_text;
  double default_number = 0;
  double min = 0;  // min = max: no limit
  double max = 0;
  std::string file_filter;
  std::vector<std::string> choices;

  bool operator==(const ConfigParam &) const = default;
  bool is_number() const {
    return type == ARR_CONFIG_TYPE_INTEGER || type == ARR_CONFIG_TYPE_FLOAT || type == ARR_CONFIG_TYPE_BOOL;
  }
};

struct Migration {
  std::int32_t before_version = 0;
  std::string old_id;
  std::string new_id;
  double scale = 1;
  double offset = 0;

  bool operator==(const Migration &) const = default;
};

struct Descriptor {
  std::string id;
  std::string display_name;
  std::string doc;
  std::string author;
  std::string url;
  std::string license;
  arr_category category = ARR_CATEGORY_UTILITY;
  std::int32_t version = 1;
  std::int32_t event_grid = 1;
  double block_tolerance = 0;
  bool preserves_finite = false;
  bool in_place = false;
  bool is_gain = false;
  std::vector<Port> ports;
  std::vector<ConfigParam> config_params;
  std::vector<Migration> migrations;

  bool operator==(const Descriptor &) const = default;
};

// Whether the ports are an audio input, an audio output of as many channels and a parameter: those of a gain. Any thread.
bool is_gain_shape(const std::vector<Port> &ports);

// Copies and checks a descriptor. Fields past the writer's struct_size read as zero. An event_grid of 0 becomes 1, as
// does a monitor's value_count, a missing display_name the id. Errors: plugin_load_failed, naming the plugin, the field and the value. [control]
Result<Descriptor> read_descriptor(const arr_descriptor &source);

// Copies and checks a list of ports, of a descriptor or of an instance. `who` begins the messages. [control]
Result<std::vector<Port>> read_ports(const arr_port *const *ports, std::uint32_t count,
                                     std::string_view who = "plugin");

// Whether a list of ports is this one: then there is nothing to copy or to check. [control]
bool are_ports(const std::vector<Port> &known, const arr_port *const *ports, std::uint32_t count);

// The position of the port with this id, or -1. Any thread.
int find_port(const std::vector<Port> &ports, std::string_view id);

}  // namespace arranger
