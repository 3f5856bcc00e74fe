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
  // `of_face`: what the face adds.
  explicit Features(std::vector<std::string> of_face) : of_face_(std::move(of_face)) {}

  // As a JSON array, sorted, each once. Made anew only when plugins have come or gone: clients ask often. Any thread.
  std::shared_ptr<const std::string> json() const;

 private:
  const std::vector<std::string> of_face_;
  mutable Mutex mutex_;  // guards what follows
  mutable std::shared_ptr<const std::string> json_;
  mutable std::uint64_t found_at_ = 0;  // the registry's version then
};

}  // namespace arranger
