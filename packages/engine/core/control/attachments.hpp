// SPDX-License-Identifier: MIT
// Arrays of numbers given beside a request, which names them by their place: {"attachment":0}. A face that shares memory with
// its client hands them over as they are; any other writes them into the request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

namespace arranger {

struct Attachment {
  enum class Type : std::uint8_t { float64, float32, int32, uint8 };

  Type type = Type::float64;
  const void *data = nullptr;
  std::size_t size = 0;               // numbers, not bytes
  std::shared_ptr<const void> owner;  // of a copy; null: the client's memory, for as long as the call lasts

  // Each is read once, so that a client that writes there meanwhile changes what is set, never what was checked.
  double at(std::size_t index) const {
    switch (type) {
      case Type::float64:
        return static_cast<const double *>(data)[index];
      case Type::float32:
        return static_cast<double>(static_cast<const float *>(data)[index]);
      case Type::int32:
        return static_cast<const std::int32_t *>(data)[index];
      case Type::uint8:
        return static_cast<const std::uint8_t *>(data)[index];
    }
    return 0;
  }
  std::size_t bytes() const { return size * (type == Type::float64 ? 8 : type == Type::uint8 ? 1 : 4); }
};

using Attachments = std::span<const Attachment>;

// For a request that waits for its turn.
inline Attachment copy_of(const Attachment &attachment) {
  Attachment out = attachment;
  auto memory = std::make_shared<std::vector<std::byte>>(attachment.bytes());
  if (!memory->empty()) std::memcpy(memory->data(), attachment.data, memory->size());
  out.data = memory->data();
  out.owner = std::move(memory);
  return out;
}

}  // namespace arranger
