// SPDX-License-Identifier: MIT
// What carries JSON between clients and a handler tells it of itself.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace arranger {

inline constexpr std::size_t greatest_message = std::size_t{64} << 20;  // bytes of a request, or of a reply

struct Face {
  std::vector<std::string> features = {};     // what clients find there beside what every engine has
  std::function<void()> shut_down = nullptr;  // ends the process soon, from any thread; none: it is not ours to end
};

}  // namespace arranger
