// SPDX-License-Identifier: MIT
#include "control/curve.hpp"

#include "control/read.hpp"
#include "control/write.hpp"

namespace arranger {
namespace {

struct PointJson : json::Request {
  std::optional<double> enabled, kind, x, y, width;
  static constexpr auto fields() {
    return std::tuple{json::field("enabled", &PointJson::enabled, {.doc = "0 or 1."}),
                      json::field("kind", &PointJson::kind, {.doc = "As the parameter counts its choices."}),
                      json::field("x", &PointJson::x, {.doc = "Where it is."}),
                      json::field("y", &PointJson::y, {.doc = "How high."}),
                      json::field("width", &PointJson::width, {.doc = "How wide."})};
  }
};

struct ResponseJson : json::Request {
  std::vector<double> x, y;
  static constexpr auto fields() {
    return std::tuple{json::field("x", &ResponseJson::x, {.doc = "Where."}),
                      json::field("y", &ResponseJson::y, {.doc = "What the plugin does there."})};
  }
};

struct CurveJson : json::Request {
  std::string graph_type;
  std::vector<PointJson> points;
  ResponseJson response;
  static constexpr auto fields() {
    return std::tuple{
        json::field("graph_type", &CurveJson::graph_type, {.doc = "Of the port."}),
        json::field("points", &CurveJson::points, {.doc = "In the order of the plugin.", .required = true}),
        json::field("response", &CurveJson::response, {.doc = "Over the whole range."})};
  }
};

}  // namespace

std::string curve_text(const Curve &curve) {
  CurveJson out;
  for (const abi::Name &name : abi::graph_type_names)
    if (name.value == curve.graph_type) out.graph_type = name.name;
  for (const CurvePoint &point : curve.points) {
    PointJson &to = out.points.emplace_back();
    to.enabled = point.enabled;
    to.kind = point.kind;
    to.x = point.x;
    to.y = point.y;
    to.width = point.width;
  }
  for (const auto &[x, y] : curve.response) {
    out.response.x.push_back(x);
    out.response.y.push_back(y);
  }
  std::string text;
  json::write(text, out);
  return text;
}

Result<std::vector<CurvePoint>> read_points(std::string_view text) {
  simdjson::dom::parser parser;
  json::Element document;
  if (const auto error = parser.parse(text.data(), text.size()).get(document); error != simdjson::SUCCESS)
    return fail(Code::invalid_json, format("Expected a curve as JSON text: {}", simdjson::error_message(error)));
  CurveJson read;
  const json::Path path;
  if (auto done = json::read(document, read, path); !done) return std::unexpected(done.error());
  std::vector<CurvePoint> out;
  for (const PointJson &point : read.points) out.push_back({point.enabled, point.kind, point.x, point.y, point.width});
  return out;
}

}  // namespace arranger
