// SPDX-License-Identifier: MIT
// The libraries that have passed the probe, in this process and in those before it. One that failed is probed again: what
// it lacked, or what kept it waiting, may be different then.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <set>
#include <span>

#include "base/thread.hpp"

namespace arranger {

class ProbeCache {
 public:
  // So many are kept, the newest.
  static constexpr std::size_t capacity = 4096;

  // The one of this process, in cache_directory(); outlives every thread.
  static ProbeCache &instance();

  // Kept in a file of `directory`, which need not exist; in memory alone when it is empty. A file that is damaged, that
  // another user can write, or that cannot be read or written is as good as none. [control]
  explicit ProbeCache(std::filesystem::path directory);

  // A key is a hash of all that the verdict depends on. Any thread.
  bool contains(std::uint64_t key);
  // Any thread; writes the file.
  void add(std::span<const std::uint64_t> keys);

  const std::filesystem::path &file() const { return file_; }

 private:
  std::deque<std::uint64_t> read() const;
  void write() const;
  void insert(std::uint64_t key);

  std::filesystem::path file_;
  Mutex mutex_;
  std::deque<std::uint64_t> order_;  // oldest first
  std::set<std::uint64_t> keys_;
};

}  // namespace arranger
