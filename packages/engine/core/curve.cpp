// SPDX-License-Identifier: MIT
#include "curve.hpp"

#include <algorithm>
#include <cmath>

#include "base/format.hpp"
#include "graph/plan.hpp"
#include "plugin/guard.hpp"

namespace arranger {
namespace {

constexpr int response_points = 256;

// An instance that only answers questions. Playing ones belong to the audio thread.
Result<std::unique_ptr<Instance>> make_instance(const Model &model, std::size_t node, double sample_rate) {
  const auto entry = Registry::instance().find((*model.info)[node].plugin_id);
  if (!entry) return std::unexpected(Registry::instance().unknown((*model.info)[node].plugin_id, "/node_id"));
  std::vector<ConfigSetting> config;
  for (const auto &[key, value] : model.graph->nodes[node].params)
    if (std::ranges::find(entry->descriptor.config_params, key, &ConfigParam::id) !=
        entry->descriptor.config_params.end())
      config.push_back({key, value});
  auto instance =
      model.graph->nodes[node].isolated ? Instance::create_isolated(entry, config) : Instance::create(entry, config);
  if (!instance) return std::unexpected(instance.error());
  if (auto done = (*instance)->activate(sample_rate, default_slice_frames, false, 0); !done)
    return std::unexpected(done.error());
  return instance;
}

std::vector<double> values_of(const Model &model, std::size_t node) {
  const auto &ports = (*model.info)[node].ports;
  std::vector<double> out;
  for (std::size_t p = 0; p < ports.size(); ++p) out.push_back(ports[p].is_parameter() ? model.base_value(node, p) : 0);
  return out;
}

// From end to end of the range that the points may have, in even steps of what the parameter's taper is even in.
std::vector<double> places(const std::vector<Port> &ports, const std::vector<guard::CurveParams> &points) {
  const int port = points.empty() ? -1 : find_parameter(ports, points.front().x);
  std::vector<double> out;
  if (port < 0) return out;
  const Port &x = ports[static_cast<std::size_t>(port)];
  const bool even_ratios = x.taper == ARR_TAPER_LOG && x.min > 0;
  for (int i = 0; i < response_points; ++i) {
    const double travel = static_cast<double>(i) / (response_points - 1);
    out.push_back(even_ratios ? x.min * std::pow(x.max / x.min, travel) : x.min + (x.max - x.min) * travel);
  }
  return out;
}

}  // namespace

Result<Curve> read_curve(const Model &model, std::size_t node, const Port &port, double sample_rate) {
  const std::string &who = (*model.info)[node].plugin_id;
  auto instance = make_instance(model, node, sample_rate);
  if (!instance) return std::unexpected(instance.error());
  const auto points = guard::curve_points((*instance)->plugin(), port.id.c_str(), who);
  if (!points) return std::unexpected(points.error());
  const auto &ports = (*model.info)[node].ports;
  const std::vector<double> values = values_of(model, node), x = places(ports, *points);
  const auto y = guard::curve_response((*instance)->plugin(), port.id.c_str(), values, sample_rate, x, who);
  if (!y) return std::unexpected(y.error());

  const auto value = [&](const std::string &id) -> std::optional<double> {
    const int position = find_parameter(ports, id);
    return position < 0 ? std::nullopt : std::optional(values[static_cast<std::size_t>(position)]);
  };
  Curve out{port.graph_type, {}, {}};
  for (const guard::CurveParams &point : *points)
    out.points.push_back({value(point.enabled), value(point.kind), value(point.x), value(point.y), value(point.width)});
  for (std::size_t i = 0; i < x.size(); ++i) out.response.emplace_back(x[i], (*y)[i]);
  return out;
}

Result<std::vector<std::pair<std::string, double>>> params_of(const Model &model, std::size_t node, const Port &port,
                                                              const std::vector<CurvePoint> &points) {
  auto instance = make_instance(model, node, 48000);
  if (!instance) return std::unexpected(instance.error());
  const auto known = guard::curve_points((*instance)->plugin(), port.id.c_str(), (*model.info)[node].plugin_id);
  if (!known) return std::unexpected(known.error());
  if (points.size() > known->size())
    return fail(Code::out_of_range, format("Expected at most {} points but received {}", known->size(), points.size()));
  std::vector<std::pair<std::string, double>> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const guard::CurveParams &names = (*known)[i];
    for (const auto &[name, value] : {std::pair(&names.enabled, points[i].enabled),
                                      {&names.kind, points[i].kind},
                                      {&names.x, points[i].x},
                                      {&names.y, points[i].y},
                                      {&names.width, points[i].width}})
      if (value && !name->empty()) out.emplace_back(*name, *value);
  }
  return out;
}

}  // namespace arranger
