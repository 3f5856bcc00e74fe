// SPDX-License-Identifier: MIT
// Curves as JSON text: {"graph_type":"eq_curve","points":[{"enabled":1,"kind":1,"x":1000,"y":3,"width":0.7}],
// "response":{"x":[…],"y":[…]}}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine.hpp"

namespace arranger {

std::string curve_text(const Curve &curve);

// The points of such a text; `response` and `graph_type` are allowed and say nothing. Errors: as of any request.
Result<std::vector<CurvePoint>> read_points(std::string_view text);

}  // namespace arranger
