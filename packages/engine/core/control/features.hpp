// SPDX-License-Identifier: MIT
// What an engine can do, as short words that clients decide by.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/thread.hpp"

namespace arranger {

class Features {
 public:
  using List = std::vector<std::string>;

  // `of_face`: what the face adds.
  explicit Features(List of_face) : of_face_(std::move(of_face)) {}

  // Sorted, each once. Any thread.
  std::shared_ptr<const List> all() const;

 private:
  const List of_face_;
  mutable Mutex mutex_;  // guards what follows
  mutable std::shared_ptr<const List> found_;
  mutable std::uint64_t found_at_ = 0;  // the registry's version then
};

}  // namespace arranger
