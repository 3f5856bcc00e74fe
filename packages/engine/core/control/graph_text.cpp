// SPDX-License-Identifier: MIT
#include "control/graph_text.hpp"

#include <algorithm>
#include <cstring>

namespace arranger {
namespace {

// How many bytes both have in common at their beginning.
std::size_t common(std::string_view a, std::string_view b) {
  constexpr std::size_t block = 4096;
  const std::size_t size = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (at + block <= size && std::memcmp(a.data() + at, b.data() + at, block) == 0) at += block;
  const auto first = a.begin() + std::ptrdiff_t(at);
  return at + std::size_t(std::mismatch(first, a.begin() + std::ptrdiff_t(size), b.begin() + std::ptrdiff_t(at)).first -
                          first);
}

}  // namespace

// Finds pieces without looking into them; `before` says what need not be looked at.
class GraphTextReader {
 public:
  GraphTextReader(std::string_view text, const GraphText *before) : text_(text), before_(before) {}

  bool read() {
    space();
    if (!take('{')) return false;
    bool has_nodes = false, has_connections = false;
    for (space();;) {
      const std::size_t begin = at_ + 1;
      if (here() != '"' || !skip_string()) return false;
      const std::string_view key = text_.substr(begin, at_ - 1 - begin);
      if (key.find('\\') != key.npos) return false;  // whatever it spells
      space();
      if (!take(':')) return false;
      space();
      if (key == "nodes" || key == "connections") {
        const bool are_nodes = key == "nodes";
        if (std::exchange(are_nodes ? has_nodes : has_connections, true)) return false;
        if (!read_list(are_nodes ? out.nodes_ : out.connections_, are_nodes)) return false;
      } else if (here() == '{' || here() == '[' || !skip_value()) {
        return false;
      }
      space();
      if (take(',')) {
        space();
        continue;
      }
      if (!take('}')) return false;
      space();
      news.rest += text_.substr(rest_from_);
      return at_ == text_.size() && has_nodes && has_connections;
    }
  }

  GraphText out;  // but its text
  GraphText::News news;

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char expected) {
    if (here() != expected) return false;
    ++at_;
    return true;
  }
  void space() {
    while (here() == ' ' || here() == '\n' || here() == '\r' || here() == '\t') ++at_;
  }
  bool skip_string() {
    const std::size_t end = text_.find('"', at_ + 1);
    if (end == text_.npos) return false;
    if (text_[end - 1] != '\\') return at_ = end + 1, true;  // most often
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') return ++at_, true;
      if (text_[at_] == '\\') ++at_;
    }
    return false;
  }
  bool skip_value() {
    if (here() == '"') return skip_string();
    if (here() == '{' || here() == '[') return skip_nested();
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(",]} \n\r\t", at_), text_.size());
    return at_ > begin;
  }
  bool skip_nested() {
    for (int depth = 0; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) return false;
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return true;
    }
    return false;
  }

  bool read_list(GraphText::List &list, bool are_nodes) {
    const GraphText::List *const old = !before_ ? nullptr : are_nodes ? &before_->nodes_ : &before_->connections_;
    if (!take('[')) return false;
    news.rest += text_.substr(rest_from_, at_ - rest_from_);
    space();
    for (bool ends = here() == ']'; !ends;) {
      if (old && skip_same(list, *old)) break;
      if (const std::size_t at = at_; old && (space(), at_ > at)) continue;  // what comes may be the same behind them
      const std::size_t begin = at_;
      list.begins.push_back(static_cast<std::uint32_t>(begin));
      if (!skip_value()) return false;
      if (old && !are_nodes) return false;
      if (old) news.nodes.push_back({list.begins.size() - 1, text_.substr(begin, at_ - begin)});
      space();
      ends = here() == ']';
      if (!ends && !take(',')) return false;
      if (!ends) space();
    }
    list.end = static_cast<std::uint32_t>(at_);
    rest_from_ = at_;
    return (!old || list.begins.size() == old->begins.size()) && take(']');
  }

  // Goes on to the next value that is another one, or to the end of the list; answers whether it is there.
  bool skip_same(GraphText::List &list, const GraphText::List &old) {
    const std::size_t first = list.begins.size();
    if (first >= old.begins.size()) return false;
    const std::size_t from = old.begins[first];
    const std::string_view rest = std::string_view(before_->text_).substr(from, old.end + 1 - from);
    const std::size_t same = common(rest, text_.substr(at_));
    const bool ends = same == rest.size();
    const auto differs = std::ranges::upper_bound(old.begins, static_cast<std::uint32_t>(from + same)) - 1;
    const std::size_t last = ends ? old.begins.size() : std::size_t(differs - old.begins.begin());
    const auto moved = static_cast<std::uint32_t>(at_ - from);  // modulo 2^32, as the sum
    list.begins.reserve(old.begins.size());
    for (std::size_t i = first; i < last; ++i) list.begins.push_back(old.begins[i] + moved);
    at_ += ends ? same - 1 : *differs - from;
    return ends;
  }

  const std::string_view text_;
  const GraphText *const before_;
  std::size_t at_ = 0, rest_from_ = 0;
};

std::optional<GraphText> GraphText::of(std::string_view request) {
  GraphTextReader reader(request, nullptr);
  if (!reader.read()) return {};
  reader.out.text_ = request;
  return std::move(reader.out);
}

std::optional<std::pair<GraphText, GraphText::News>> GraphText::compare(std::string_view request) const {
  GraphTextReader reader(request, this);
  if (!reader.read()) return {};
  reader.out.text_ = request;
  return std::pair{std::move(reader.out), std::move(reader.news)};
}

std::string_view GraphText::node(std::size_t index) const {
  const bool is_last = index + 1 == nodes_.begins.size();
  const std::size_t begin = nodes_.begins[index], end = is_last ? nodes_.end : nodes_.begins[index + 1];
  std::string_view out = std::string_view(text_).substr(begin, end - begin);
  return out.substr(0, out.rfind('}') + 1);
}

}  // namespace arranger
