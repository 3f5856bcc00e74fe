// SPDX-License-Identifier: MIT
// The text of a set_graph in its pieces, and what is new in the next one: most often a few nodes of many.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arranger {

class GraphText {
 public:
  struct Piece {
    std::size_t node;
    std::string_view text;
  };
  // What differs, and all of the other request as it is to be compared with next.
  struct News {
    std::string rest;          // with both lists empty
    std::vector<Piece> nodes;  // in `request`
  };

  // Of a request that is JSON. Nothing where it is not an object of plain values, one list of nodes and one of connections.
  static std::optional<GraphText> of(std::string_view request);
  // What is new in `request`, which nobody has read yet: JSON if `rest` and the nodes are. Nothing where more is new than
  // nodes in their places.
  std::optional<std::pair<GraphText, News>> compare(std::string_view request) const;

  std::string_view node(std::size_t index) const;  // with what follows it in the list
  std::size_t node_count() const { return nodes_.begins.size(); }
  std::size_t size() const { return text_.size(); }

 private:
  friend class GraphTextReader;
  struct List {
    std::vector<std::uint32_t> begins;  // of its values, in the text
    std::uint32_t end = 0;              // of the list: its ']'
  };
  std::string text_;
  List nodes_, connections_;
};

}  // namespace arranger
