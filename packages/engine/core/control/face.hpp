// SPDX-License-Identifier: MIT
// What carries JSON between clients and a handler tells it of itself.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace arranger {

struct Face {
  std::vector<std::string> features = {};     // what clients find there beside what every engine has
  std::function<void()> shut_down = nullptr;  // ends the process soon, from any thread; none: it is not ours to end
};

}  // namespace arranger
