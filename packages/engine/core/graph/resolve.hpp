// SPDX-License-Identifier: MIT
// From names to instances: every node gets its plugin, every connection its ports. What cannot be is an error with a path.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/name_index.hpp"
#include "graph/graph.hpp"
#include "plugin/instance.hpp"

namespace arranger {

class Fade;
class Renewal;

// One sentence about something that was forgiven: a saved project outlives plugin versions.
struct Warning {
  std::string code;
  std::string path;  // JSON Pointer into the request
  std::string message;
};

// Both ends of a connection as positions. Channels count within the port.
struct ResolvedConnection {
  int from_node, from_port, from_channel;
  int to_node, to_port, to_channel;
  int from_channels;  // 1 or more of audio, 1 of control, 0 of events
  int to_channels;
  double gain = 1;                      // audio
  ControlMode mode = ControlMode::set;  // control, as amount and map
  double amount = 1;
  ControlMap map = {};
  bool cut = false;            // closes a cycle: arrives input_delay frames of its target late
  std::shared_ptr<Fade> fade;  // its gain, of a control connection its share, while it changes; else null
  double fades_to = 1;
};

struct ResolvedNode {
  std::shared_ptr<const std::string> id;
  std::shared_ptr<Instance> instance;            // empty for a track source
  const std::vector<Port> *port_list = nullptr;  // the instance's
  std::shared_ptr<const double[]> base_values;   // by port: of parameters the base value, else 0
  std::shared_ptr<const std::string> state;      // that it begins with; or null
  bool is_warned = false;                        // something in its params was forgiven
  int component = 0;                             // nodes of one cycle have the same; ascends from the sources on
  std::int32_t input_delay = 0;      // frames by which all audio reaches a node that closes a cycle late; else 0
  std::shared_ptr<Renewal> renewal;  // the instance takes the place of another one of this node
  bool leaving = false;              // plays only until it has faded: nothing addresses it any more
  bool is_track_source() const { return instance == nullptr; }
  const std::vector<Port> &ports() const { return *port_list; }
  void set_instance(std::shared_ptr<Instance> now);
};

// What a number in a node's params was taken as.
struct SettledParam {
  std::size_t node, param;
  double value;
};

// Frames by which things are late, against a graph without latency.
struct Alignment {
  std::vector<std::int64_t> input;   // by node: of everything that reaches it
  std::vector<std::int64_t> output;  // by node: input + its own latency
  std::vector<std::int64_t> delays;  // by connection: what it adds, so that it arrives with its target's input
};

// A node whose first audio output is heard.
struct ResolvedOutput {
  int node;
  std::shared_ptr<Fade> fade;  // null: as it is
  double fades_to = 1;
};

// The notes that an event output has sent to an input end: the connection is no more.
struct CutNotes {
  int from_node, from_port, to_node, to_port;
};

struct ResolvedGraph {
  std::vector<ResolvedNode> nodes;              // as in the description
  std::vector<ResolvedConnection> connections;  // as in the description
  std::vector<int> order;                       // node positions: sources before what they feed
  int master = -1;                              // -1: an empty graph
  std::vector<Warning> warnings;
  std::vector<SettledParam> settled;  // what was clamped or rounded
  std::shared_ptr<const NameIndex>
      names;  // of all nodes that do not leave; a crossing has those of the graph it leads to
  // The position of a node that does not leave; -1: no such node.
  std::int64_t find(std::string_view node) const {
    return names->find(node, [this](std::size_t i) -> std::string_view { return *nodes[i].id; });
  }
  Alignment alignment;  // once it is prepared
  // Of a crossing only:
  std::vector<ResolvedOutput> outputs;  // what is heard in place of the master alone
  std::vector<CutNotes> cut_notes;
  std::int64_t fade_wait = 0;  // frames until what is new sounds as it will
};

// A running instance that the node at a position may go on with, or null. It is taken when it is the same: of the
// same loaded plugin, with the same config values and input_delay; otherwise the node gets a new one.
struct Reused {
  Reused(std::shared_ptr<Instance> running = nullptr) : instance(std::move(running)) {}
  std::shared_ptr<Instance> instance;
  const ResolvedNode *same = nullptr;  // of that instance: the node's description says nothing else; or null
};
using Reuse = std::function<Reused(std::size_t node)>;

// What a graph is resolved for: to be played, or only to be checked and described. Then nodes of one plugin share an
// instance where nothing tells them apart.
enum class Purpose { play, describe };

// New instances are created and configured, not activated. Errors: unknown_plugin,
// duplicate_id, unknown_node, unknown_port, type_mismatch, duplicate_connection, cycle, no_master, io_error (a file that a
// config parameter names), plugin_failed. [control]
Result<ResolvedGraph> resolve(const Graph &graph, const Reuse &reuse = {}, Purpose purpose = Purpose::play);

// The plugin id that a node type stands for: short names are aliases of built-ins.
std::string_view plugin_id_of(std::string_view type);

// The parameter id that a client's older name stands for in a plugin.
std::string_view param_id_of(std::string_view plugin, std::string_view param);

// Short names, for describe and hints.
std::vector<std::string> type_aliases();

// The parameter or config parameter of this id, by position among the node's ports; -1 if there is none.
int find_parameter(const std::vector<Port> &ports, std::string_view id);

}  // namespace arranger
