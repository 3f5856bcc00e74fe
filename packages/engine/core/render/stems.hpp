// SPDX-License-Identifier: MIT
// Stems: outputs of single nodes, each in a file of its own beside the whole.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "graph/resolve.hpp"

namespace arranger {

// Positions of the nodes whose output is wanted. Errors, with the path /stems/i: unknown_node, type_mismatch (no audio
// output), duplicate_id. [control]
Result<std::vector<int>> find_stems(const ResolvedGraph &graph, std::span<const std::string> ids);

// The files of stems: song.wav has song.drums.wav beside it. What file systems do not take in a name becomes '_', and two
// names that would be one file get a number. Any thread.
std::vector<std::filesystem::path> stem_paths(const std::filesystem::path &path, std::span<const std::string> ids);

}  // namespace arranger
