// SPDX-License-Identifier: MIT
// A file of the host is written at once, when it is complete; until then it is kept in memory.
#include "base/file.hpp"
#include "base/format.hpp"
#include "base/host.hpp"
#include "render/sink.hpp"

namespace arranger {

Sink::Sink(std::optional<std::filesystem::path> path, std::int64_t memory_limit)
    : path_(std::move(path)), memory_limit_(memory_limit) {}
Sink::~Sink() = default;

Result<void> Sink::open() {
  if (!path_) return {};
  if (!host::arranger_host_has_files())
    return fail(Code::io_error, format("Cannot write '{}': this host has no files", to_utf8(*path_)), "/path");
  memory_limit_ = std::int64_t{1} << 29;  // a quarter of what a module has: while it grows there are two
  if (kind_of_file(*path_) == FileKind::other)
    return fail(Code::io_error, format("Expected a file but '{}' is none", to_utf8(*path_)), "/path");
  return {};
}

std::int64_t Sink::seek(std::int64_t position) { return position_ = position; }

std::int64_t Sink::write(const void *data, std::int64_t count) {
  const auto begin = static_cast<std::size_t>(position_), size = static_cast<std::size_t>(count);
  if (position_ + count > memory_limit_) {
    full_ = true;
    return 0;
  }
  if (begin + size > bytes_.size()) bytes_.resize(begin + size);
  const auto *from = static_cast<const std::byte *>(data);
  std::copy(from, from + size, bytes_.begin() + static_cast<std::ptrdiff_t>(begin));
  position_ += count;
  length_ = std::max(length_, position_);
  return count;
}

Result<void> Sink::state() const {
  if (!full_) return {};
  return fail(Code::message_too_large,
              path_ ? "Expected a shorter render: this engine keeps a file in memory until it is complete"
                    : "Expected a path for so long a render; it does not fit a reply",
              "/path");
}

Result<void> Sink::close() { return state(); }

Result<std::vector<std::byte>> Sink::publish() {
  if (auto good = state(); !good) return std::unexpected(good.error());
  if (!path_) return std::move(bytes_);
  if (const auto written = replace_private_file(*path_, bytes_); !written)
    return fail(Code::io_error, format("Cannot write '{}': {}", to_utf8(*path_), written.error().message), "/path");
  return std::vector<std::byte>{};
}

}  // namespace arranger
