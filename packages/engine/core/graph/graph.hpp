// SPDX-License-Identifier: MIT
// The editable description of a graph, as clients send it and get it back.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace arranger {

using ParamValue = std::variant<double, std::string>;

struct Node {
  std::string id;
  std::string type;                                        // a plugin id, as given: a short name stays a short name
  std::vector<std::pair<std::string, ParamValue>> params;  // numbers: parameters; strings: config parameters
  bool isolated = false;                                   // runs in a process of its own
  bool operator==(const Node &) const = default;
};

enum class ControlMode { set, add };

struct ControlMap {
  double min = 0;
  double max = 1;
  bool operator==(const ControlMap &) const = default;
};

struct Connection {
  std::string from_node, from_port, to_node, to_port;
  double gain = 1;                      // audio
  ControlMode mode = ControlMode::set;  // control
  double amount = 1;                    // control
  std::optional<ControlMap> map;        // control
  bool operator==(const Connection &) const = default;
};

struct Graph {
  std::optional<double> bpm;
  std::vector<Node> nodes;
  std::vector<Connection> connections;
};

inline constexpr const char *track_source_type = "track_source";
inline constexpr const char *master_id = "mixer";

}  // namespace arranger
