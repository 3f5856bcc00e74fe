// SPDX-License-Identifier: MIT
#include "framing.hpp"

#include <cstring>
#include <utility>

namespace arranger::server {
namespace {

constexpr std::size_t header_size = 4;
constexpr std::size_t usual_capacity = std::size_t{64} << 10;
constexpr std::size_t most_kept = std::size_t{1} << 20;  // by a reader that has nothing

std::size_t length_in(const char *header) {
  std::size_t out = 0;
  for (std::size_t i = header_size; i-- > 0;) out = out << 8 | static_cast<unsigned char>(header[i]);
  return out;
}

}  // namespace

std::array<char, 4> header_of(std::size_t length) {
  std::array<char, 4> out{};
  for (char &byte : out) {
    byte = static_cast<char>(length & 0xFF);
    length >>= 8;
  }
  return out;
}

std::span<char> MessageReader::room() {
  if (waiting() == 0) begin_ = end_ = 0;
  if (end_ == capacity_) {
    // To move what waits is worth it when that makes as much room again.
    const std::size_t wanted = capacity_ == 0 ? usual_capacity : begin_ < capacity_ / 2 ? capacity_ * 2 : capacity_;
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    if (waiting() > 0) std::memcpy(larger.get(), bytes_.get() + begin_, waiting());
    bytes_ = std::move(larger);
    capacity_ = wanted;
    end_ -= std::exchange(begin_, 0);
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

MessageReader::Next MessageReader::next() {
  if (waiting() == 0 && capacity_ > most_kept) *this = {};
  if (waiting() < header_size) return {};
  const char *const at = bytes_.get() + begin_;
  const std::size_t length = length_in(at);
  if (length == 0) return {Kind::empty, {}, 0};
  if (length > greatest_message) return {Kind::too_large, {}, length};
  if (waiting() - header_size < length) return {};
  begin_ += header_size + length;
  return {Kind::message, {at + header_size, length}, length};
}

}  // namespace arranger::server
