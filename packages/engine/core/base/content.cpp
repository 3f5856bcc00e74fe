// SPDX-License-Identifier: MIT
// The part of file.hpp that touches no file.
#include <algorithm>
#include <array>
#include <cstring>

#include "base/file.hpp"

namespace arranger {

std::uint64_t content_hash(std::span<const std::byte> bytes) {
  // Eight bytes a step, multiplied and folded; the constants are odd numbers with well-mixed bits (SplitMix64, Steele
  // 2014). Four lanes take turns, since each step waits for the one before it in its lane.
  constexpr std::uint64_t odd = 0xbf58476d1ce4e5b9u;
  constexpr std::size_t word_size = sizeof(std::uint64_t);
  const auto mixed = [](std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * odd;
    return hash ^ (hash >> 29);
  };
  std::array<std::uint64_t, 4> lanes;
  for (std::uint64_t i = 0; i < lanes.size(); ++i) lanes[i] = 0x9e3779b97f4a7c15u ^ ((bytes.size() + i) * odd);
  std::size_t at = 0;
  const auto next_word = [&](std::size_t size) {
    std::uint64_t word = 0;
    if (size > 0) std::memcpy(&word, bytes.data() + at, size);
    at += size;
    return word;
  };
  while (at + lanes.size() * word_size <= bytes.size())
    for (std::uint64_t &lane : lanes) lane = mixed(lane, next_word(word_size));
  for (std::uint64_t &lane : lanes) lane = mixed(lane, next_word(std::min(word_size, bytes.size() - at)));
  std::uint64_t hash = lanes[0];
  for (std::size_t i = 1; i < lanes.size(); ++i) hash = mixed(hash, lanes[i]);
  hash = (hash ^ (hash >> 30)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

std::string to_utf8(const std::filesystem::path &path) {
  const std::u8string text = path.u8string();
  return std::string(reinterpret_cast<const char *>(text.data()), text.size());
}

std::filesystem::path from_utf8(std::string_view text) {
  return std::filesystem::path(std::u8string(text.begin(), text.end()));
}

}  // namespace arranger
