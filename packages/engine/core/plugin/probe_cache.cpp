// SPDX-License-Identifier: MIT
#include "plugin/probe_cache.hpp"

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/cache_directory.hpp"
#include "base/file.hpp"

namespace arranger {
namespace {

constexpr std::string_view header = "arranger probe cache 1\n";
constexpr std::size_t digits = 16;  // of a key, in hexadecimal
constexpr std::size_t line_size = digits + 1;

void append_line(std::string &text, std::uint64_t key) {
  char hex[digits];
  const auto end = std::to_chars(hex, hex + digits, key, 16).ptr;
  text.append(digits - static_cast<std::size_t>(end - hex), '0').append(hex, end).push_back('\n');
}

}  // namespace

ProbeCache &ProbeCache::instance() {
  static ProbeCache *const cache = new ProbeCache(cache_directory());
  return *cache;
}

ProbeCache::ProbeCache(std::filesystem::path directory)
    : file_(directory.empty() ? std::move(directory) : directory / "probed-libraries.txt") {
  for (const std::uint64_t key : read()) insert(key);
}

bool ProbeCache::contains(std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  return keys_.contains(key);
}

void ProbeCache::add(std::span<const std::uint64_t> keys) {
  if (keys.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const std::uint64_t key : read()) insert(key);  // what other processes have added
  for (const std::uint64_t key : keys) insert(key);
  write();
}

void ProbeCache::insert(std::uint64_t key) {
  if (!keys_.insert(key).second) return;
  order_.push_back(key);
  if (order_.size() <= capacity) return;
  keys_.erase(order_.front());
  order_.pop_front();
}

// All of the file or nothing.
std::deque<std::uint64_t> ProbeCache::read() const {
  if (file_.empty() || !is_own_file(file_)) return {};
  const auto bytes = read_file(file_, header.size() + capacity * line_size);
  if (!bytes) return {};
  std::string_view text(reinterpret_cast<const char *>(bytes->data()), bytes->size());
  if (!text.starts_with(header)) return {};
  text.remove_prefix(header.size());
  std::deque<std::uint64_t> keys;
  for (; !text.empty(); text.remove_prefix(line_size)) {
    std::uint64_t key = 0;
    if (text.size() < line_size || text[digits] != '\n') return {};
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, key, 16);
    if (error != std::errc() || end != text.data() + digits) return {};
    keys.push_back(key);
  }
  return keys;
}

void ProbeCache::write() const {
  if (file_.empty()) return;
  std::string text(header);
  for (const std::uint64_t key : order_) append_line(text, key);
  std::error_code ignored;
  std::filesystem::create_directories(file_.parent_path(), ignored);
  (void)replace_private_file(file_, std::as_bytes(std::span(text)));
}

}  // namespace arranger
