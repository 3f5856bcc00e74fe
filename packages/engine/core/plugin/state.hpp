// SPDX-License-Identifier: MIT
// A plugin's state as bytes that describe themselves: saved sessions keep them, whatever becomes of the plugin.
//
// All numbers are little-endian. Magic "ARRSTATE", then u32 format (1), u32 version of the plugin, its id, u32 count of keys,
// each: the key, u8 kind (1 number, 2 text, 3 bytes), its value; at the end u64 FNV-1a of all before. An id, a key, a text and
// bytes are a u32 length and so many bytes; a number is an IEEE double.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace arranger {

using StateBytes = std::vector<std::uint8_t>;
using StateValue = std::variant<double, std::string, StateBytes>;

struct StateEntry {
  std::string key;
  StateValue value;
  bool operator==(const StateEntry &) const = default;
};

struct PluginState {
  std::string plugin_id;
  std::int32_t plugin_version = 1;
  std::vector<StateEntry> entries;  // in the order they were written; each key once
  bool operator==(const PluginState &) const = default;

  const StateValue *find(std::string_view key) const;
};

inline constexpr std::size_t greatest_state = std::size_t{16} << 20;  // bytes
inline constexpr std::size_t most_state_keys = 4096;
inline constexpr std::size_t greatest_snapshot = std::size_t{8} << 20;  // bytes; it is copied between two slices

// Empty when there is nothing to keep. Any thread.
std::string encode_state(const PluginState &state);
// Error: invalid_request, saying what is wrong with the bytes. Any thread.
Result<PluginState> decode_state(std::string_view bytes);

// A key that a plugin may use: letters, digits, `_`, `.`, `-`; 1 to 200 of them.
bool is_state_key(std::string_view key);

}  // namespace arranger
