// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace synth {

// The members of a set of parts or of groups, a bit for each.
class Set {
 public:
  void insert(std::size_t n) { bits_ |= 1u << n; }
  void erase(std::size_t n) { bits_ &= ~(1u << n); }
  bool has(std::size_t n) const { return (bits_ >> n & 1u) != 0; }
  bool is_empty() const { return bits_ == 0; }
  // The one that is there alone, else -1.
  int only() const { return std::has_single_bit(bits_) ? std::countr_zero(bits_) : -1; }
  // Calls each(n) in order.
  template <class Each>
  void for_each(Each each) const {
    for (std::uint32_t left = bits_; left != 0; left &= left - 1)
      each(static_cast<std::size_t>(std::countr_zero(left)));
  }

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace synth
