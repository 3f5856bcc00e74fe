// SPDX-License-Identifier: MIT
// Curves: what a monitor with Hint::graph_editor shows, made of parameters.
#pragma once

#include <arranger/detail/control_ports.hpp>

#include <cstdint>

namespace arranger {

// A handle of a curve: the parameters that it moves, each nullptr where it has none.
struct CurvePoint {
  const Param *enabled = nullptr;  // a toggle: off, the point adds nothing
  const Param *kind = nullptr;     // a choice: what the point is
  const Param *x = nullptr;        // moved sideways
  const Param *y = nullptr;        // moved up and down
  const Param *width = nullptr;    // how far it reaches
};

// Values of all of an instance's parameters, looked up by the member: values[frequency]. Any thread.
class ParamValues {
 public:
  // In the parameter's unit.
  double operator[](const Param &param) const { return values_[param.port_index_]; }
  // As an index into the choices, or as a whole number.
  int index(const Param &param) const { return static_cast<int>(std::lround((*this)[param])); }
  bool on(const Param &param) const { return (*this)[param] >= 0.5; }

 private:
  friend class detail::Adapter;
  explicit ParamValues(const double *values) : values_(values) {}
  const double *values_;  // one per port, in declaration order
};

}  // namespace arranger
