// SPDX-License-Identifier: MIT
#include "render/stems.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/nearest.hpp"

namespace arranger {
namespace {

bool has_audio_output(const ResolvedNode &node) {
  return std::ranges::any_of(node.ports(), [](const Port &port) { return port.is_audio() && port.is_output(); });
}

// Of a node that puts out no audio: why, and what may have been meant.
Error not_audio(const ResolvedGraph &graph, std::size_t node, std::string path) {
  const std::string &id = *graph.nodes[node].id;
  if (graph.nodes[node].is_track_source())
    for (const ResolvedConnection &connection : graph.connections)
      if (connection.from_node == static_cast<int>(node))
        return {Code::type_mismatch,
                format("Expected a node that puts out audio but '{}' is a track source; '{}' is what it plays", id,
                       *graph.nodes[std::size_t(connection.to_node)].id),
                std::move(path)};
  return {Code::type_mismatch, format("Expected a node that puts out audio but '{}' has no audio output", id),
          std::move(path)};
}

std::string safe_name(std::string_view id) {
  std::string out(id);
  for (char &c : out)
    if (static_cast<unsigned char>(c) < 0x20 || std::string_view("/\\:*?\"<>|\x7f").contains(c)) c = '_';
  return out;
}

std::string lower(std::string text) {
  for (char &c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

Result<std::vector<int>> find_stems(const ResolvedGraph &graph, std::span<const std::string> ids) {
  std::vector<int> out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::string path = format("/stems/{}", i);
    if (std::ranges::find(ids.first(i), ids[i]) != ids.begin() + static_cast<std::ptrdiff_t>(i))
      return fail(Code::duplicate_id, format("Expected each stem once but '{}' is given again", ids[i]), path);
    const auto node =
        std::ranges::find(graph.nodes, ids[i], [](auto &known) -> const std::string & { return *known.id; });
    if (node == graph.nodes.end()) {
      std::vector<std::string_view> known;
      for (const ResolvedNode &one : graph.nodes) known.push_back(*one.id);
      return fail(Code::unknown_node, format("No node '{}'{}", ids[i], nearest_hint(ids[i], known)), path);
    }
    const auto position = static_cast<std::size_t>(node - graph.nodes.begin());
    if (!has_audio_output(*node)) return std::unexpected(not_audio(graph, position, std::move(path)));
    out.push_back(static_cast<int>(position));
  }
  return out;
}

std::vector<std::filesystem::path> stem_paths(const std::filesystem::path &path, std::span<const std::string> ids) {
  std::vector<std::filesystem::path> out;
  std::set<std::string> taken;
  for (const std::string &id : ids) {
    const std::string name = safe_name(id);
    std::string unique = name;
    for (int number = 2; !taken.insert(lower(unique)).second; ++number) unique = format("{}-{}", name, number);
    std::filesystem::path file = path;
    file.replace_filename(path.stem());
    file += from_utf8("." + unique);
    file += path.extension();
    out.push_back(std::move(file));
  }
  return out;
}

}  // namespace arranger
