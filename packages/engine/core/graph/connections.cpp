// SPDX-License-Identifier: MIT
#include "graph/connections.hpp"

#include <unordered_map>

#include "base/format.hpp"
#include "base/nearest.hpp"

namespace arranger {
namespace {

struct PortRef {
  int port = -1;
  int channel = 0;
  int channels = 0;
};

PortRef whole(const std::vector<Port> &ports, int index) {
  return {index, 0, ports[static_cast<std::size_t>(index)].channels()};
}

// A monitor is shown to people; nothing can be connected to it.
bool connects(const Port &port, bool output) { return port.is_output() == output && !port.is_monitor(); }

int find_id(const std::vector<Port> &ports, std::string_view id, bool output) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].id == id && connects(ports[i], output)) return static_cast<int>(i);
  return -1;
}

// A stereo port `x` answers to `x`, `x_L` and `x_R`; a numbered one, `x_3`, also to `x_L_3` and `x_R_3`.
PortRef find_spelling(const std::vector<Port> &ports, std::string_view id, bool output) {
  if (const int index = find_id(ports, id, output); index >= 0) return whole(ports, index);
  for (const auto &[tag, channel] : {std::pair{std::string_view("_L"), 0}, std::pair{std::string_view("_R"), 1}}) {
    const std::size_t at = id.rfind(tag);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = id.substr(at + tag.size());
    if (!rest.empty() && rest.front() != '_') continue;
    const int index = find_id(ports, std::string(id.substr(0, at)) + std::string(rest), output);
    if (index >= 0 && ports[static_cast<std::size_t>(index)].type == ARR_PORT_TYPE_AUDIO_STEREO)
      return {index, channel, 1};
  }
  return {};
}

class ConnectionReader {
 public:
  ConnectionReader(const Graph &described, const ResolvedGraph &graph) : described_(described), graph_(graph) {}

  Result<ResolvedConnection> read(const Connection &connection, std::size_t index) {
    index_ = index;
    const auto from = node(connection.from_node, "from_node");
    if (!from) return std::unexpected(from.error());
    const auto to = node(connection.to_node, "to_node");
    if (!to) return std::unexpected(to.error());
    const ResolvedNode &source = graph_.nodes[static_cast<std::size_t>(*from)];
    const ResolvedNode &target = graph_.nodes[static_cast<std::size_t>(*to)];

    // Events of a track source find their way whatever the ports are called: old clients send any names.
    if (source.is_track_source()) {
      const auto &ports = target.ports();
      for (std::size_t i = 0; i < ports.size(); ++i)
        if (ports[i].is_event() && ports[i].is_input())
          return ResolvedConnection{*from, 0, 0, *to, static_cast<int>(i), 0, 0, 0, connection.gain};
      return fail(Code::type_mismatch,
                  format("Expected '{}' to take events from '{}' but it has no event input", connection.to_node,
                         connection.from_node),
                  path("to_node"));
    }
    const auto from_port = port(*from, connection.from_port, true, "from_port");
    if (!from_port) return std::unexpected(from_port.error());
    const auto to_port = port(*to, connection.to_port, false, "to_port");
    if (!to_port) return std::unexpected(to_port.error());
    const Port &out = source.ports()[static_cast<std::size_t>(from_port->port)];
    const Port &in = target.ports()[static_cast<std::size_t>(to_port->port)];
    if (kind(out) != kind(in))
      return fail(Code::type_mismatch,
                  format("Expected '{}' to be of type {} like '{}' but it is {}", in.id, kind(out), out.id, kind(in)),
                  path("to_port"));
    return ResolvedConnection{
        *from,           from_port->port,  from_port->channel,  *to,
        to_port->port,   to_port->channel, from_port->channels, to_port->channels,
        connection.gain, connection.mode,  connection.amount,   connection.map.value_or(ControlMap{0, 1})};
  }

 private:
  static std::string_view kind(const Port &port) {
    return port.is_event() ? "event" : port.is_control() ? "control" : "audio";
  }
  std::string path(std::string_view field) const { return format("/connections/{}/{}", index_, field); }

  Result<int> node(const std::string &id, std::string_view field) {
    if (const std::int64_t found = find(id); found >= 0) return static_cast<int>(found);
    std::vector<std::string_view> known;
    for (const ResolvedNode &other : graph_.nodes) known.push_back(*other.id);
    return fail(Code::unknown_node, format("No node '{}'{}", id, nearest_hint(id, known)), path(field));
  }

  // The one of before, one that comes near it, or any: in long lists one connection goes on from the other.
  std::int64_t find(const std::string &id) {
    for (const std::size_t near : {last_, last_ + 1})
      if (near < described_.nodes.size() && described_.nodes[near].id == id) return std::int64_t(last_ = near);
    const std::int64_t found = graph_.find(id);
    if (found >= 0) last_ = std::size_t(found);
    return found;
  }

  Result<PortRef> port(int position, const std::string &id, bool output, std::string_view field) const {
    const ResolvedNode &node = graph_.nodes[static_cast<std::size_t>(position)];
    if (const PortRef found = find_spelling(node.ports(), id, output); found.port >= 0) return found;
    std::vector<std::string> known;
    for (const Port &port : node.ports())
      if (connects(port, output)) known.push_back(port.id);
    return fail(Code::unknown_port,
                format("{} has no {} port '{}'{}", described_.nodes[static_cast<std::size_t>(position)].type,
                       output ? "output" : "input", id, nearest_hint(id, known)),
                path(field));
  }

  const Graph &described_;
  const ResolvedGraph &graph_;
  std::size_t index_ = 0, last_ = 0;
};

// A control input has one base: two `set` sources would leave it to chance which one rules.
Result<void> check_control_sources(const Graph &described, const ResolvedGraph &graph) {
  std::unordered_map<std::uint64_t, std::size_t> seen;
  for (std::size_t i = 0; i < graph.connections.size(); ++i) {
    const ResolvedConnection &connection = graph.connections[i];
    const auto &ports = graph.nodes[static_cast<std::size_t>(connection.to_node)].ports();
    if (!ports[static_cast<std::size_t>(connection.to_port)].is_control()) continue;
    if (connection.mode != ControlMode::set) continue;
    const auto key = std::uint64_t(unsigned(connection.to_node)) << 32 | unsigned(connection.to_port);
    if (const auto [place, fresh] = seen.try_emplace(key, i); !fresh)
      return fail(Code::duplicate_connection,
                  format("Expected one 'set' source for '{}' of '{}' but connection {} is one already",
                         described.connections[i].to_port, described.connections[i].to_node, place->second),
                  format("/connections/{}", i));
  }
  return {};
}

}  // namespace

Result<void> resolve_connections(const Graph &graph, ResolvedGraph &out) {
  ConnectionReader reader(graph, out);
  out.connections.reserve(graph.connections.size());
  for (std::size_t i = 0; i < graph.connections.size(); ++i) {
    auto resolved = reader.read(graph.connections[i], i);
    if (!resolved) return std::unexpected(std::move(resolved.error()));
    out.connections.push_back(std::move(*resolved));
  }
  return check_control_sources(graph, out);
}

}  // namespace arranger
