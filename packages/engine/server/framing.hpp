// SPDX-License-Identifier: MIT
// Messages in a stream of bytes: a length of 32 bits, little-endian, then so many bytes of UTF-8 JSON.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "control/face.hpp"

namespace arranger::server {

// What stands before a message of that many bytes.
std::array<char, 4> header_of(std::size_t length);

// Takes bytes as they come and gives messages as they are whole. A length is only a claim: memory follows the bytes.
class MessageReader {
 public:
  enum class Kind { none, message, empty, too_large };
  struct Next {
    Kind kind = Kind::none;
    std::string_view text = {};  // until the next call
    std::size_t length = 0;      // as it was claimed
  };

  // Where the next bytes go; never empty.
  std::span<char> room();
  void add(std::size_t count) { end_ += count; }
  // Once it is empty or too large, where the next message begins is not known and it stays so.
  Next next();

 private:
  std::size_t waiting() const { return end_ - begin_; }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace arranger::server
