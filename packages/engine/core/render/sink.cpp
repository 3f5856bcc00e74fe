// SPDX-License-Identifier: MIT
#include "render/sink.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

#include "base/file.hpp"
#include "base/format.hpp"

namespace arranger {
namespace {

std::FILE *open_to_write(const std::filesystem::path &path) {
#if defined(_WIN32)
  return _wfopen(path.c_str(), L"w+b");
#else
  return std::fopen(path.c_str(), "w+b");
#endif
}

bool seek_file(std::FILE *file, std::int64_t position) {
#if defined(_WIN32)
  return _fseeki64(file, position, SEEK_SET) == 0;
#else
  return fseeko(file, position, SEEK_SET) == 0;
#endif
}

}  // namespace

Sink::Sink(std::optional<std::filesystem::path> path, std::int64_t memory_limit)
    : path_(std::move(path)), memory_limit_(memory_limit) {}

Sink::~Sink() {
  if (file_) std::fclose(file_);
  std::error_code ignored;
  if (!part_.empty()) std::filesystem::remove(part_, ignored);
}

Result<void> Sink::open() {
  if (!path_) return {};
  std::error_code error;
  const auto status = std::filesystem::status(*path_, error);
  if (std::filesystem::is_directory(status))
    return fail(Code::io_error, format("Expected a file but '{}' is a directory", to_utf8(*path_)), "/path");
  const bool replaces = std::filesystem::is_regular_file(status);
  if (const auto target = std::filesystem::canonical(*path_, error); replaces && !error) path_ = target;
  if (replaces || !std::filesystem::exists(status)) {
    part_ = *path_;
    part_ += format(".{}.part", std::random_device{}());  // two processes may write beside each other
  }
  file_ = open_to_write(part_.empty() ? *path_ : part_);
  if (file_) return {};
  const int number = errno;
  part_.clear();
  return fail(Code::io_error, format("Cannot write '{}': {}", to_utf8(*path_), std::strerror(number)), "/path");
}

std::int64_t Sink::seek(std::int64_t position) {
  position_ = position;
  if (file_ && !seek_file(file_, position)) failed_ = true;
  return position_;
}

std::int64_t Sink::write(const void *data, std::int64_t count) {
  const auto size = static_cast<std::size_t>(count);
  if (file_) {
    if (std::fwrite(data, 1, size, file_) != size) failed_ = true;
  } else if (position_ + count > memory_limit_) {
    full_ = true;
  } else {
    if (position_ + count > static_cast<std::int64_t>(bytes_.size()))
      bytes_.resize(static_cast<std::size_t>(position_ + count));
    std::memcpy(bytes_.data() + position_, data, size);
  }
  position_ += count;
  length_ = std::max(length_, position_);
  return failed_ || full_ ? 0 : count;
}

std::int64_t Sink::read(void *data, std::int64_t count) {
  const std::int64_t there = std::clamp<std::int64_t>(length_ - position_, 0, count);
  const auto size = static_cast<std::size_t>(there);
  if (file_) {
    if (std::fread(data, 1, size, file_) != size) failed_ = true;
  } else {
    std::memcpy(data, bytes_.data() + position_, size);
  }
  position_ += there;
  return there;
}

Error Sink::failure(const std::error_code &error) const {
  return {Code::io_error,
          format("Cannot write '{}': {}", path_ ? to_utf8(*path_) : "",
                 error ? error.message() : std::string("the disk did not take all of it")),
          "/path"};
}

Result<void> Sink::state() const {
  if (full_)
    return fail(Code::message_too_large, "Expected a path for so long a render; it does not fit a reply", "/path");
  if (failed_) return std::unexpected(failure({}));
  return {};
}

Result<void> Sink::close() {
  if (file_ && std::fclose(std::exchange(file_, nullptr)) != 0) failed_ = true;
  return state();
}

Result<std::vector<std::byte>> Sink::publish() {
  if (auto good = close(); !good) return std::unexpected(good.error());
  if (!path_) return std::move(bytes_);
  std::error_code error;
  if (!part_.empty()) std::filesystem::rename(part_, *path_, error);
  if (error) return std::unexpected(failure(error));
  part_.clear();
  return std::vector<std::byte>{};
}

}  // namespace arranger
