// SPDX-License-Identifier: MIT
// A MIDI controller that moves a parameter.
#include <algorithm>
#include <cmath>

#include "edit.hpp"
#include "graph/parameters.hpp"

namespace arranger {

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
