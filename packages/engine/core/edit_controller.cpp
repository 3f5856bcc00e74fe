// SPDX-License-Identifier: MIT
// Parameters by name, and a MIDI controller that moves one.
#include <algorithm>
#include <cmath>

#include "base/format.hpp"
#include "base/nearest.hpp"
#include "edit.hpp"
#include "graph/parameters.hpp"

namespace arranger {

Result<std::size_t> find_parameter_of(const NodeInfo &info, std::string_view param) {
  if (const int position = find_parameter(info.ports, param_id_of(info.plugin_id, param)); position >= 0)
    return static_cast<std::size_t>(position);
  std::vector<std::string> known;
  for (const Port &port : info.ports)
    if (port.is_parameter()) known.push_back(port.id);
  return fail(Code::unknown_param,
              format("{} has no parameter '{}'{}", info.plugin_id, param, nearest_hint(param, known)), "/param_id");
}

Result<double> Edit::controlled_value(std::string_view node, std::string_view param, int position) const {
  constexpr int last = 127;
  const auto index = model_.find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  const auto found = find_parameter_of((*model_.info)[*index], param);
  if (!found) return std::unexpected(found.error());
  const Port &port = (*model_.info)[*index].ports[*found];
  const double value = Line(port, port.min, port.max, 0, last).at(position);  // the way that a ramp takes
  if (port.step <= 0) return std::clamp(value, port.min, port.max);
  return std::clamp(port.min + std::round((value - port.min) / port.step) * port.step, port.min, port.max);
}

}  // namespace arranger
