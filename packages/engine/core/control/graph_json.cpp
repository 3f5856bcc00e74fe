// SPDX-License-Identifier: MIT
#include "control/graph_json.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include "base/base64.hpp"
#include "plugin/state.hpp"

namespace arranger {
namespace {

constexpr std::array<std::string_view, 7> config_fields{"sf2_path", "lv2_uri",  "sample_path", "channel_count",
                                                        "pitch_lo", "pitch_hi", "gate_mode"};

}  // namespace

Result<void> NodeJson::read_unknown(std::string_view key, const json::Element &element, const json::Path &path) {
  const json::Path here{&path, key};
  if (std::ranges::find(config_fields, key) == config_fields.end()) {
    warnings.push_back({"invalid_request", here.text(), format("Unknown field '{}' was ignored", key)});
    return {};
  }
  double number = 0;
  std::string_view text;
  if (element.get_double().get(number) == simdjson::SUCCESS) config.emplace_back(key, number);
  else if (element.get_string().get(text) == simdjson::SUCCESS) config.emplace_back(key, std::string(text));
  else return json::mismatch(here, "a number or a string", element);
  return json::check_text(text, here);
}

Result<std::shared_ptr<const std::string>> read_state(const std::optional<std::string> &text, std::string path) {
  if (!text) return nullptr;
  auto bytes = from_base64(*text);
  if (!bytes)
    return fail(Code::invalid_request, "Expected the state of a plugin but it is not base64 text", std::move(path));
  if (!bytes->empty())
    if (auto state = decode_state(*bytes); !state)
      return fail(Code::invalid_request, std::move(state.error().message), std::move(path));
  return std::make_shared<const std::string>(std::move(*bytes));
}

std::optional<std::string> write_state(const std::shared_ptr<const std::string> &state) {
  if (!state || state->empty()) return {};
  return base64(std::as_bytes(std::span(*state)));
}

Result<void> NodesJson::read_from(const json::Element &element, const json::Path &path) {
  simdjson::dom::array array;
  if (element.get_array().get(array) != simdjson::SUCCESS) return json::mismatch(path, "an array", element);
  nodes_.reserve(array.size());
  json::Series<NodeJson> series;
  for (const json::Element item : array) {
    const json::Path here{&path, {}, static_cast<std::int64_t>(nodes_.size())};
    NodeJson node;
    if (auto done = series.read(item, node, here); !done) return done;
    nodes_.emplace_back(std::move(node.id), std::move(node.type), std::move(node.params),
                        node.plugin_version.value_or(0), nullptr, node.isolated, nullptr);
    if (node.state || !node.config.empty() || !node.warnings.empty())
      more_.emplace_back(nodes_.size() - 1, std::move(node));
  }
  return {};
}

Result<std::vector<Node>> NodesJson::take(std::string_view path, std::vector<Warning> &warnings) {
  for (auto &[i, more] : more_) {
    warnings.insert(warnings.end(), more.warnings.begin(), more.warnings.end());
    if (more.state) {
      auto state = read_state(more.state, format("{}/nodes/{}/state", path, i));
      if (!state) return std::unexpected(state.error());
      nodes_[i].state = std::move(*state);
    }
    auto &params = nodes_[i].params;
    for (const auto &[key, value] : more.config) {
      if (std::ranges::find(params, key, &json::Values::value_type::first) != params.end())
        return fail(Code::invalid_request, format("Expected '{}' once but it is given again", key),
                    format("{}/nodes/{}/{}", path, i, key));
      params.emplace_back(key, value);
    }
  }
  return std::move(nodes_);
}

std::optional<std::vector<Node>> NodesJson::parse(std::string_view text) {
  simdjson::dom::parser parser;
  json::Element list;
  NodesJson nodes;
  std::vector<Warning> warnings;
  if (parser.parse(text.data(), text.size()).get(list) != simdjson::SUCCESS || !nodes.read_from(list, {})) return {};
  const bool says_more = nodes.say_more_than_values();
  auto out = nodes.take("", warnings);
  if (!out || says_more) return {};
  return std::move(*out);
}

bool NodesJson::say_more_than_values() const {
  return std::ranges::any_of(more_,
                             [](const auto &more) { return more.second.state || !more.second.warnings.empty(); }) ||
         std::ranges::any_of(nodes_, [](const Node &node) { return node.plugin_version != 0; });
}

std::string NodesJson::written_at(const std::string &path) const {
  constexpr std::string_view list = "/nodes/", params = "/params/";
  const std::size_t end = path.find(params);
  if (!path.starts_with(list) || end == std::string::npos) return path;
  std::size_t index = 0;
  std::from_chars(path.data() + list.size(), path.data() + end, index);
  const std::string_view key = std::string_view(path).substr(end + params.size());
  const auto more = std::ranges::find(more_, index, [](const auto &entry) { return entry.first; });
  if (more == more_.end()) return path;
  const auto &config = more->second.config;
  const bool is_field = std::ranges::find(config, key, &json::Values::value_type::first) != config.end();
  return is_field ? format("{}{}/{}", list, index, key) : path;
}

NodeJson NodesJson::made_of(const Node &node) {
  NodeJson out;
  out.id = node.id;
  out.type = node.type;
  out.params = node.params;
  out.isolated = node.isolated;
  if (node.plugin_version > 0) out.plugin_version = node.plugin_version;
  out.state = write_state(node.state);
  return out;
}

}  // namespace arranger
