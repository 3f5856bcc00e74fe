// SPDX-License-Identifier: MIT
// What the audio thread has been given and gives back, to be freed elsewhere.
#pragma once

#include <memory>
#include <utility>

namespace arranger {

// Giving back is a link inside the object, so it takes no memory and cannot fail.
class Returnable {
 public:
  Returnable() = default;
  Returnable(const Returnable &) = delete;
  Returnable &operator=(const Returnable &) = delete;
  virtual ~Returnable() = default;

  Returnable *next_returned = nullptr;
};

// Of one thread.
class ReturnList {
 public:
  ReturnList() = default;
  ReturnList(ReturnList &&other) noexcept : first_(std::exchange(other.first_, nullptr)) {}
  ReturnList &operator=(ReturnList &&) = delete;
  ~ReturnList() {
    while (Returnable *one = take()) delete one;
  }
  void add(std::unique_ptr<Returnable> one) {
    one->next_returned = first_;
    first_ = one.release();
  }
  // Null: none left.
  Returnable *take() {
    Returnable *one = first_;
    if (one) first_ = one->next_returned;
    return one;
  }

 private:
  Returnable *first_ = nullptr;
};

}  // namespace arranger
