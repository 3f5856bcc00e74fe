// SPDX-License-Identifier: MIT
#include "control/graph_memory.hpp"

#include <bit>

#include "plugin/registry_version.hpp"

namespace arranger {
namespace {

// Two lists of params that differ have different ones, as far as 64 bits can tell.
std::uint64_t hash_of(const Node &node) {
  std::uint64_t out = node.params.size();
  const auto add = [&out](std::uint64_t part) { out = std::rotl((out ^ part) * 0x9E3779B97F4A7C15u, 29); };
  for (const auto &[key, value] : node.params) {
    add(std::hash<std::string_view>()(key));
    if (const auto *number = std::get_if<double>(&value)) add(std::bit_cast<std::uint64_t>(*number));
    else add(std::hash<std::string_view>()(std::get<std::string>(value)));
    add(value.index());
  }
  return out;
}

}  // namespace

std::optional<GraphMemory::News> GraphMemory::compare(std::string_view request, const Model &model) {
  if (!text_) return {};
  if (model.info != info_ || registry_version() != plugins_) {
    forget();  // it will never be the same again
    return {};
  }
  auto compared = text_->compare(request);
  if (!compared) return {};
  News out;
  out.text = std::move(compared->first);
  out.rest = std::move(compared->second.rest);
  out.texts = "[";
  auto given = compared->second.nodes.begin();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const bool is_given = given != compared->second.nodes.end() && given->node == i;
    if (!is_given && hash_of(model.graph->nodes[i]) == values_[i]) continue;
    if (!out.nodes.empty()) out.texts += ',';
    out.texts += is_given ? (given++)->text : text_->node(i);
    out.nodes.push_back(i);
  }
  out.texts += ']';
  return out;
}

void GraphMemory::keep(std::string_view request, const Model &model) {
  text_ = GraphText::of(request);
  if (!text_ || text_->node_count() != model.graph->nodes.size()) return forget();
  values_.clear();
  values_.reserve(model.graph->nodes.size());
  for (const Node &node : model.graph->nodes) values_.push_back(hash_of(node));
  info_ = model.info;
  plugins_ = registry_version();
  size_ = text_->size();
}

void GraphMemory::keep(News news, const std::vector<std::pair<std::size_t, Node>> &nodes) {
  text_ = std::move(news.text);
  for (const auto &[i, node] : nodes) values_[i] = hash_of(node);
  size_ = text_->size();
}

void GraphMemory::forget() {
  text_.reset();
  values_ = {};
  info_.reset();
  size_ = SIZE_MAX;
}

}  // namespace arranger
