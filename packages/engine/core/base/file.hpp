// SPDX-License-Identifier: MIT
// Whole files in and out, and a hash that tells two contents apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace arranger {

// Reads a regular file of at most `limit` bytes. Directories, pipes and devices are refused without being opened for
// reading. Errors: io_error, whose message says only what is wrong ("no such file"), so that a caller can put its own
// subject before it. [control]
Result<std::vector<std::byte>> read_file(const std::filesystem::path &path,
                                         std::uint64_t limit = std::uint64_t{1} << 30);

// What is there under a name; links are followed. [control]
enum class FileKind { none, regular, other };
FileKind kind_of_file(const std::filesystem::path &path);

// From the root, links resolved, as far as the path exists. Errors: io_error. [control]
Result<std::filesystem::path> full_path(const std::filesystem::path &path);

// Makes a new file that only this user may read, and fails when one is there. Errors: io_error. [control]
Result<void> write_private_file(const std::filesystem::path &path, std::span<const std::byte> bytes);

// The same, in the place of what is there: a reader sees the old content or the new. By one thread at a time. Errors:
// io_error. [control]
Result<void> replace_private_file(const std::filesystem::path &path, std::span<const std::byte> bytes);

// Whether this user owns a file and nobody else may write to it. [control]
bool is_own_file(const std::filesystem::path &path);

// 64 bits of a content, for telling two builds apart; it withstands accidents, not an attacker. Any thread.
std::uint64_t content_hash(std::span<const std::byte> bytes);

// UTF-8 text of a path, for messages and JSON. Any thread.
std::string to_utf8(const std::filesystem::path &path);

// A path from UTF-8 text, as it comes in JSON. Any thread.
std::filesystem::path from_utf8(std::string_view text);

}  // namespace arranger
