// SPDX-License-Identifier: MIT
// Where the bytes of a file go: a part file beside its place, or memory.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/error.hpp"

namespace arranger {

// Made, written, closed and published on one thread. What is not published leaves nothing behind.
class Sink {
 public:
  // Without a path the bytes are kept in memory, at most `memory_limit` of them.
  Sink(std::optional<std::filesystem::path> path, std::int64_t memory_limit);
  ~Sink();
  Sink(const Sink &) = delete;
  Sink &operator=(const Sink &) = delete;

  // A link stays a link: what it names is written. A device is written as it is, since renaming would replace it.
  // Errors: io_error.
  Result<void> open();

  // A position counts bytes. `write` answers how many it took.
  std::int64_t length() const { return length_; }
  std::int64_t tell() const { return position_; }
  std::int64_t seek(std::int64_t position);
  std::int64_t write(const void *data, std::int64_t count);
  std::int64_t read(void *data, std::int64_t count);

  // What went wrong on the way, if anything did. Errors: io_error, message_too_large.
  Result<void> state() const;
  // Hands everything to the system; the file has still its temporary name. Errors: as of state.
  Result<void> close();
  // Gives the file its name, or the bytes to the caller. Errors: io_error.
  Result<std::vector<std::byte>> publish();

 private:
  Error failure(const std::error_code &error) const;

  std::optional<std::filesystem::path> path_;
  std::filesystem::path part_;  // empty: nothing to rename or to remove
  std::FILE *file_ = nullptr;
  std::vector<std::byte> bytes_;
  std::int64_t memory_limit_;
  std::int64_t position_ = 0, length_ = 0;
  bool failed_ = false, full_ = false;
};

}  // namespace arranger
