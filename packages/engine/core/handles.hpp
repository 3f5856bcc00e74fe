// SPDX-License-Identifier: MIT
// Numbers that stand for parameters: a slot per node, a generation per life of a slot, a port. A number outlives its node
// without harm: its generation is over.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arranger {

class Handles {
 public:
  struct Parameter {
    std::string node;
    std::size_t port;
  };

  static constexpr std::size_t most_ports = 1u << 12, most_slots = 1u << 20;
  bool has_room() const { return slots_.size() < most_slots || !free_.empty(); }

  // Of 53 bits, so that a double holds it: 21 of the generation, 20 of the slot, 12 of the port.
  std::int64_t make(std::string_view node, std::size_t port) {
    const auto [place, fresh] = slots_by_node_.try_emplace(std::string(node), slots_.size());
    if (fresh && !free_.empty()) {
      place->second = free_.back();
      free_.pop_back();
    } else if (fresh) {
      slots_.emplace_back();
    }
    Slot &slot = slots_[place->second];
    slot.node = node;
    return std::int64_t(slot.generation) << 32 | std::int64_t(place->second) << 12 | std::int64_t(port);
  }

  std::optional<Parameter> find(std::int64_t handle) const {
    const auto slot = static_cast<std::size_t>(handle >> 12 & 0xfffff);
    if (handle < 0 || slot >= slots_.size() || slots_[slot].generation != handle >> 32) return std::nullopt;
    return Parameter{slots_[slot].node, static_cast<std::size_t>(handle & 0xfff)};
  }

  // Ends the numbers of these nodes.
  void forget(const std::vector<std::string> &nodes) {
    for (const std::string &node : nodes) {
      const auto found = slots_by_node_.find(node);
      if (found == slots_by_node_.end()) continue;
      slots_[found->second].generation++;
      free_.push_back(found->second);
      slots_by_node_.erase(found);
    }
  }

 private:
  struct Slot {
    std::string node;
    std::int64_t generation = 1;
  };
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
  std::map<std::string, std::size_t, std::less<>> slots_by_node_;
};

}  // namespace arranger
