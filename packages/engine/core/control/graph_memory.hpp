// SPDX-License-Identifier: MIT
// The set_graph of last, kept to compare the next one with: a client that edits sends the whole graph again and again.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/face.hpp"
#include "control/graph_text.hpp"
#include "engine.hpp"

namespace arranger {

class GraphMemory {
 public:
  struct News {
    std::vector<std::size_t> nodes;  // positions of those to read, ascending
    std::string texts;               // what they say, as a JSON array
    std::string rest;                // the request with both lists empty
    GraphText text;                  // of the request
  };

  // Whether it is worth a look, which takes the turn: a set_graph, about as large as the last. Any thread.
  bool resembles(std::string_view request) const {
    const std::size_t size = size_.load(std::memory_order_relaxed);
    return request.size() >= size / 2 && request.size() / 2 <= size && request.size() <= greatest_message &&
           request.substr(0, 200).find("\"set_graph\"") != std::string_view::npos;
  }
  // What to read of a request, nodes whose values others have set meanwhile among it. Nothing where all of it has to be read:
  // where more than nodes in their places is new, or the graph or the plugins have changed. By the holder of the turn.
  std::optional<News> compare(std::string_view request, const Model &model);

  // A graph as a request has just set it; `model` has it, and it says nothing but ids, types and params. By the holder of
  // the turn.
  void keep(std::string_view request, const Model &model);
  // The same for one that was compared.
  void keep(News news, const std::vector<std::pair<std::size_t, Node>> &nodes);
  void forget();

 private:
  std::atomic<std::size_t> size_ = SIZE_MAX;  // of the text; SIZE_MAX: there is none
  std::optional<GraphText> text_;
  std::vector<std::uint64_t> values_;      // by node: of its params, which others may set
  std::shared_ptr<const NodeInfos> info_;  // another one in the model: so is the graph, but for values
  std::uint64_t plugins_ = 0;              // the version of the registry
};

}  // namespace arranger
