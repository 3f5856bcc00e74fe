// SPDX-License-Identifier: MIT
// Edit distance after Damerau (1964) in its optimal-string-alignment form.
#include "base/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace arranger {
namespace {

// Longer words are compared by their beginning: the cost stays bounded whatever a client sends.
constexpr std::size_t max_length = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::size_t distance(std::string_view a, std::string_view b) {
  a = a.substr(0, max_length);
  b = b.substr(0, max_length);
  using Row = std::array<std::size_t, max_length + 1>;
  Row before_last = {}, last = {}, row = {};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

template <class Text>
std::string_view find_nearest(std::string_view word, std::span<const Text> candidates) {
  // A third of the letters may differ, and one in a very short word.
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string_view found;
  for (const std::string_view candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d < best && d < candidate.size()) {
      best = d;
      found = candidate;
    }
  }
  return found;
}

std::string hint(std::string_view found) {
  return found.empty() ? std::string() : "; nearest is '" + std::string(found) + "'";
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  return find_nearest(word, candidates);
}
std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  return find_nearest(word, candidates);
}
std::string nearest_hint(std::string_view word, std::span<const std::string_view> candidates) {
  return hint(find_nearest(word, candidates));
}
std::string nearest_hint(std::string_view word, std::span<const std::string> candidates) {
  return hint(find_nearest(word, candidates));
}

}  // namespace arranger
