// SPDX-License-Identifier: MIT
// What an engine can do, as short words that clients decide by.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/thread.hpp"

namespace arranger {

class Features {
 public:
  // `of_face`: what the face adds.
  explicit Features(std::vector<std::string> of_face) : of_face_(std::move(of_face)) {}

  // Sorted, each once. Any thread.
  std::vector<std::string> all() const;

 private:
  const std::vector<std::string> of_face_;
};

}  // namespace arranger
