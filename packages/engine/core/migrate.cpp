// SPDX-License-Identifier: MIT
#include "migrate.hpp"

#include <algorithm>

#include "graph/resolve.hpp"
#include "plugin/registry.hpp"

namespace arranger {
namespace {

// A source without a map gives plain units, which are what a map gives to 0 and 1.
void rename_connection(Connection &connection, const Rename &rename) {
  if (connection.to_node != rename.node || connection.to_port != rename.from) return;
  connection.to_port = rename.to;
  if (rename.scale == 1 && rename.offset == 0) return;
  if (connection.mode == ControlMode::add) {
    connection.amount *= rename.scale;  // the offset is in the base value
    return;
  }
  const ControlMap map = connection.map.value_or(ControlMap{0, 1});
  connection.map = ControlMap{rename.offset + rename.scale * map.min, rename.offset + rename.scale * map.max};
}

// The place of a name in a table, added where it is not there.
std::int32_t place_of(std::vector<std::string> &names, const std::string &name) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::int32_t>(found - names.begin());
  names.push_back(name);
  return static_cast<std::int32_t>(names.size() - 1);
}

}  // namespace

// One that has the new name already keeps it.
void apply(const Rename &rename, Node &node) {
  const auto old = std::ranges::find(node.params, rename.from, &std::pair<std::string, ParamValue>::first);
  if (old == node.params.end() || !std::holds_alternative<double>(old->second)) return;
  const ParamValue value = rename.offset + rename.scale * std::get<double>(old->second);
  const bool is_there =
      rename.from != rename.to &&
      std::ranges::find(node.params, rename.to, &std::pair<std::string, ParamValue>::first) != node.params.end();
  if (is_there) node.params.erase(old);
  else *old = {rename.to, value};
}

std::vector<Rename> migrate(Graph &graph) {
  std::vector<Rename> out;
  for (Node &node : graph.nodes) {
    if (node.plugin_version <= 0) continue;
    const auto entry = Registry::instance().find(plugin_id_of(node.type));
    if (!entry || node.plugin_version >= entry->descriptor.version) continue;
    for (const Migration &migration : entry->descriptor.migrations) {
      if (node.plugin_version >= migration.before_version) continue;
      const Rename rename{node.id, migration.old_id, migration.new_id, migration.scale, migration.offset};
      apply(rename, node);
      for (Connection &connection : graph.connections) rename_connection(connection, rename);
      out.push_back(rename);
    }
    node.plugin_version = entry->descriptor.version;
  }
  return out;
}

std::optional<Schedule> migrate(const Schedule &schedule, std::span<const Rename> renames) {
  std::optional<Schedule> out;
  for (const Rename &rename : renames) {
    const Schedule &now = out ? *out : schedule;
    const auto node = std::ranges::find(now.nodes, rename.node);
    const auto param = std::ranges::find(now.params, rename.from);
    if (node == now.nodes.end() || param == now.params.end()) continue;
    const auto node_index = static_cast<std::int32_t>(node - now.nodes.begin());
    const auto from = static_cast<std::int32_t>(param - now.params.begin());
    if (!out) out = schedule;
    const std::int32_t to = place_of(out->params, rename.to);
    for (ScheduledEvent &event : out->events) {
      if (event.node != node_index || event.param != from) continue;
      event.param = to;
      event.value = rename.offset + rename.scale * event.value;
    }
  }
  return out;
}

}  // namespace arranger
