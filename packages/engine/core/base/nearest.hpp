// SPDX-License-Identifier: MIT
// "nearest is 'room_size'": the hint that an error about an unknown name carries.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arranger {

// The candidate with the smallest edit distance to `word` (letter case ignored, neighbours swapped count once), or an
// empty view when none is near enough to be what was meant. Any thread.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

// "; nearest is 'X'", or nothing: made to stand at the end of a message. Any thread.
std::string nearest_hint(std::string_view word, std::span<const std::string_view> candidates);
std::string nearest_hint(std::string_view word, std::span<const std::string> candidates);

}  // namespace arranger
