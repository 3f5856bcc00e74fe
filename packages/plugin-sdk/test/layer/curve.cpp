// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <array>

#include "host.hpp"

using namespace arranger;

namespace {

// Two straight lines through handles, and a curve that cannot be had.
class Lines final : public Plugin {
  Param gain{*this, "gain", "Gain", {.default_value = 1}};
  MonoOut out{*this, "out", "Out"};
  Param on{*this, "on", "On", {.hint = Hint::toggle}};
  Param shape{*this, "shape", "Shape", {.choices = {"Flat", "Steep"}}};
  Param slope{*this, "slope", "Slope", {.max = 10}};
  Monitor line{*this, "line", "Line", {.hint = Hint::graph_editor, .graph_type = GraphType::breakpoint}};
  Monitor level{*this, "level", "Level"};
  Monitor broken{*this, "broken", "Broken", {.hint = Hint::graph_editor, .graph_type = GraphType::eq_curve}};
  std::array<CurvePoint, 2> points{{{.enabled = &on, .kind = &shape, .x = &slope, .y = &gain}, {.width = &slope}}};

  void process(const Block &) override { out.set_silent(); }
  std::span<const CurvePoint> curve_points(const Port &port) const override {
    return &port == &line ? std::span<const CurvePoint>(points) : std::span<const CurvePoint>();
  }
  void curve_response(const Port &port, const ParamValues &values, double sample_rate, std::span<const double> x,
                      std::span<double> y) const override {
    if (&port == &broken) throw std::runtime_error("no such filter");
    const double factor = values.on(on) ? (values.index(shape) + 1) * values[slope] : sample_rate;
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = values[gain] + factor * x[i];
  }
};

class Plain final : public Plugin {
  MonoOut out{*this, "out", "Out"};
  Monitor level{*this, "level", "Level"};
  void process(const Block &) override { out.set_silent(); }
};

std::string text(const char *id) { return id == nullptr ? "none" : id; }

}  // namespace

TEST_CASE("a curve is a monitor that shows what its graph_type says") {
  Hosted<Lines> lines;
  CHECK(lines.ports[5]->role == ARR_PORT_ROLE_MONITOR);
  CHECK(lines.ports[5]->hint == ARR_PORT_HINT_GRAPH_EDITOR);
  CHECK(lines.ports[5]->graph_type == ARR_GRAPH_TYPE_BREAKPOINT);
  CHECK(lines.ports[0]->graph_type == ARR_GRAPH_TYPE_NONE);
}

TEST_CASE("only a plugin with curves has the extension, under its exact name") {
  Hosted<Lines> lines;
  Hosted<Plain> plain;
  REQUIRE(lines.curve() != nullptr);
  CHECK(lines.curve()->struct_size == sizeof(arr_curve));
  CHECK(plain.curve() == nullptr);
  CHECK(lines.plugin->get_extension(lines.plugin, "arranger.curve/2") == nullptr);
}

TEST_CASE("a curve's points name the parameters that they move") {
  Hosted<Lines> lines;
  const arr_curve &curve = *lines.curve();
  CHECK(curve.point_count(lines.plugin, "line") == 2);
  CHECK(curve.point_count(lines.plugin, "broken") == 0);
  CHECK(curve.point_count(lines.plugin, "level") == 0);
  CHECK(curve.point_count(lines.plugin, "gain") == 0);
  const arr_curve_point *point = curve.point(lines.plugin, "line", 0);
  REQUIRE(point != nullptr);
  CHECK(point->struct_size == sizeof(arr_curve_point));
  CHECK(text(point->enabled_param) == "on");
  CHECK(text(point->kind_param) == "shape");
  CHECK(text(point->x_param) == "slope");
  CHECK(text(point->y_param) == "gain");
  CHECK(text(point->width_param) == "none");
  point = curve.point(lines.plugin, "line", 1);
  REQUIRE(point != nullptr);
  CHECK(text(point->x_param) == "none");
  CHECK(text(point->width_param) == "slope");
  CHECK(curve.point(lines.plugin, "line", 2) == nullptr);
  CHECK(curve.point(lines.plugin, "level", 0) == nullptr);
}

TEST_CASE("a curve is evaluated for the values that are given, not for those that play") {
  Hosted<Lines> lines;
  const double x[] = {0, 1, 2};
  double y[] = {-1, -1, -1};
  const auto evaluate = [&](std::vector<double> values, const char *port = "line") {
    return lines.curve()->evaluate(lines.plugin, port, values.data(), static_cast<std::uint32_t>(values.size()), 44100,
                                   x, y, 3);
  };
  // gain, out, on, shape, slope, line, level, broken
  REQUIRE(evaluate({0.5, 0, 1, 1, 3, 0, 0, 0}) == ARR_STATUS_OK);
  CHECK(y[0] == 0.5);
  CHECK(y[1] == 6.5);
  CHECK(y[2] == 12.5);
  REQUIRE(evaluate({0.5, 0, 0, 1, 3, 0, 0, 0}) == ARR_STATUS_OK);
  CHECK(y[1] == 44100.5);

  y[1] = -1;
  CHECK(evaluate({0.5, 0, 1, 1, 3, 0, 0}) == ARR_STATUS_INVALID);
  CHECK(evaluate({0.5, 0, 1, 1, 3, 0, 0, 0}, "level") == ARR_STATUS_INVALID);
  CHECK(evaluate({0.5, 0, 1, 1, 3, 0, 0, 0}, "lines") == ARR_STATUS_INVALID);
  CHECK(evaluate({0.5, 0, 1, 1, 3, 0, 0, 0}, "broken") == ARR_STATUS_ERROR);
  CHECK(lines.error == "no such filter");
  CHECK(y[1] == -1);
}
