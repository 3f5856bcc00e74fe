// SPDX-License-Identifier: MIT
// Positions by name, for a list that keeps its names itself: eight bytes for each.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace arranger {

class NameIndex {
 public:
  // Room for so many names. [control]
  explicit NameIndex(std::size_t count = 0) : slots_(std::bit_ceil(2 * count + 2)) {}

  // `name_of(position)` is the name at a position that was added; the same one in every call. Answers the position of this
  // name: `position`, or that of an equal name added before. No more than there is room for.
  template <class NameOf>
  std::size_t add(std::string_view name, std::size_t position, NameOf name_of) {
    Slot &slot = slots_[place(name, name_of)];
    if (slot.position == 0) slot = {hash(name), static_cast<std::uint32_t>(position + 1)};
    return slot.position - 1;
  }
  // -1: no such name. Any thread, while nothing is added.
  template <class NameOf>
  std::int64_t find(std::string_view name, NameOf name_of) const {
    return std::int64_t{slots_[place(name, name_of)].position} - 1;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0, position = 0;  // 0: nothing here; else one more than the position
  };
  static std::uint32_t hash(std::string_view name) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>()(name));
  }
  // Where the name is or would be.
  template <class NameOf>
  std::size_t place(std::string_view name, NameOf &name_of) const {
    const std::uint32_t wanted = hash(name);
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = wanted & mask;
    while (slots_[at].position != 0 &&
           !(slots_[at].hash == wanted && std::string_view(name_of(slots_[at].position - 1)) == name))
      at = (at + 1) & mask;
    return at;
  }

  std::vector<Slot> slots_;
};

}  // namespace arranger
