// SPDX-License-Identifier: MIT
// Files of the host that runs the module.
#include "base/file.hpp"

#include <system_error>

#include "base/host.hpp"

namespace arranger {
namespace {

std::unexpected<Error> failure(int number) {
  return fail(Code::io_error, std::error_code(number, std::generic_category()).message());
}

}  // namespace

Result<std::vector<std::byte>> read_file(const std::filesystem::path &path, std::uint64_t limit) {
  const std::string name = to_utf8(path);
  const double size = host::arranger_host_file_read(name.data(), name.size(), static_cast<double>(limit));
  if (size < 0) return failure(static_cast<int>(-size));
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  host::arranger_host_file_take(bytes.data());
  return bytes;
}

Result<void> replace_private_file(const std::filesystem::path &path, std::span<const std::byte> bytes) {
  const std::string name = to_utf8(path);
  const int done = host::arranger_host_file_write(name.data(), name.size(), bytes.data(), bytes.size());
  if (done < 0) return failure(-done);
  return {};
}

FileKind kind_of_file(const std::filesystem::path &path) {
  const std::string name = to_utf8(path);
  return static_cast<FileKind>(host::arranger_host_file_kind(name.data(), name.size()));
}

// Its names are the host's own: one that it knows is as full as it gets.
Result<std::filesystem::path> full_path(const std::filesystem::path &path) { return path; }

}  // namespace arranger
