// SPDX-License-Identifier: MIT
// Curves that are made of parameters: the bands of an equaliser, the points of an envelope.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model.hpp"

namespace arranger {

struct CurvePoint {
  std::optional<double> enabled, kind, x, y, width;  // those that the curve has
};

struct Curve {
  std::int32_t graph_type = 0;
  std::vector<CurvePoint> points;
  std::vector<std::pair<double, double>> response;  // x in the unit of the points, and what the plugin does there
};

// The curve at a port of a node, for the values that the model has. Errors: unknown_port, plugin_failed. [control]
Result<Curve> read_curve(const Model &model, std::size_t node, const Port &port, double sample_rate);

// The parameters that make the curve what it shall be: those of a point that are given. Errors: unknown_port, out_of_range
// (more points than there are), plugin_failed. [control]
Result<std::vector<std::pair<std::string, double>>> params_of(const Model &model, std::size_t node, const Port &port,
                                                              const std::vector<CurvePoint> &points);

}  // namespace arranger
