// SPDX-License-Identifier: MIT
#include "plugin/image.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>

#include "base/utf8.hpp"
#include "plugin/image_formats.hpp"

namespace arranger {
namespace image {

const char *machine_name(ImageMachine machine) { return machine == ImageMachine::x86_64 ? "x86-64" : "AArch64"; }

std::optional<std::string> missing_bytes(const Bytes &file, const char *what, std::uint64_t at, std::uint64_t length) {
  if (file.contains(at, length)) return std::nullopt;
  const bool overflow = length > UINT64_MAX - at;
  const std::string end = overflow ? "beyond all files" : "at byte " + std::to_string(at + length);
  return "its " + std::string(what) + " ends " + end + " but the file has " + std::to_string(file.size());
}

namespace {

std::optional<ImageFormat> format_of(const Bytes &file) {
  switch (file.u32(0)) {
    case 0x464c457f:
      return ImageFormat::elf;
    case 0xfeedface:  // 32 bits
    case 0xfeedfacf:
    case 0xbebafeca:  // universal, big-endian
    case 0xbfbafeca:
      return ImageFormat::mach_o;
    default:
      break;
  }
  if (file.u16(0) == 0x5a4d) return ImageFormat::pe;
  return std::nullopt;
}

const char *format_name(ImageFormat format) {
  switch (format) {
    case ImageFormat::elf:
      return "an ELF library (Linux)";
    case ImageFormat::mach_o:
      return "a Mach-O library (macOS)";
    case ImageFormat::pe:
      break;
  }
  return "a PE library (Windows)";
}

// The first bytes, as a C string literal would have them.
std::string beginning(const Bytes &file) {
  std::string text = "\"";
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(4, file.size()); ++i) {
    const unsigned char c = file.u8(i);
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, c >= 0x20 && c < 0x7f && c != '"' && c != '\\' ? "%c" : "\\x%02x", c);
    text += escaped;
  }
  return text + "\"";
}

Parsed<Exports> read_exports(const Bytes &file, ImageTarget target) {
  if (file.size() == 0) return std::unexpected("is not a shared library: it is empty");
  const auto format = format_of(file);
  if (!format) return std::unexpected("is not a shared library: it begins with " + beginning(file));
  if (*format != target.format) {
    return std::unexpected(std::string("is ") + format_name(*format) + ", this engine opens " +
                           format_name(target.format));
  }
  switch (target.format) {
    case ImageFormat::elf:
      return read_elf(file, target.machine);
    case ImageFormat::mach_o:
      return read_mach_o(file, target.machine);
    case ImageFormat::pe:
      break;
  }
  return read_pe(file, target.machine);
}

// The stamp as far as its writer filled it, or nothing when the bytes are no stamp.
std::optional<arr_plugin_stamp> copy_stamp(std::span<const std::byte> bytes) {
  constexpr std::size_t least = offsetof(arr_plugin_stamp, magic) + sizeof(arr_plugin_stamp::magic);
  arr_plugin_stamp stamp = {};
  if (bytes.size() < least) return std::nullopt;
  const std::uint32_t size = Bytes(bytes).u32(0);
  if (size < least || size > bytes.size()) return std::nullopt;
  std::memcpy(&stamp, bytes.data(), std::min<std::size_t>(size, sizeof stamp));
  if (std::memcmp(stamp.magic, ARR_STAMP_MAGIC, sizeof ARR_STAMP_MAGIC) != 0) return std::nullopt;
  stamp.compiler[sizeof stamp.compiler - 1] = '\0';
  stamp.build_id[sizeof stamp.build_id - 1] = '\0';
  return stamp;
}

std::string abi_mismatch(const arr_plugin_stamp &stamp) {
  const std::string own = std::to_string(ARR_ABI_MAJOR);
  std::string text = "was built for ABI " + std::to_string(stamp.abi_major) + "." + std::to_string(stamp.abi_minor) +
                     ", this engine speaks " + own + ".x; rebuild it with @arranger/plugin-sdk " + own + ".x";
  if (stamp.abi_major > ARR_ABI_MAJOR) text += " or update the engine";
  return text;
}

}  // namespace
}  // namespace image

Result<arr_plugin_stamp> read_stamp(std::span<const std::byte> bytes, std::string_view name, ImageTarget target) {
  using namespace image;
  const auto refuse = [&](Code code, const std::string &text) { return fail(code, std::string(name) + " " + text); };
  const auto exports = read_exports(Bytes(bytes), target);
  if (!exports) return refuse(Code::plugin_load_failed, exports.error());
  const auto stamp = exports->stamp ? copy_stamp(*exports->stamp) : std::nullopt;
  // The version first: another major version may well have another entry.
  if (stamp && stamp->abi_major != ARR_ABI_MAJOR) return refuse(Code::plugin_abi_mismatch, abi_mismatch(*stamp));
  if (!exports->entry) {
    return refuse(Code::plugin_load_failed, "does not export register_plugin, the entry point of a plugin library");
  }
  if (!exports->stamp) {
    return refuse(Code::plugin_load_failed,
                  "does not export arranger_plugin_stamp; define it with ARR_DEFINE_STAMP() or ARRANGER_PLUGIN(...)");
  }
  if (!stamp) return refuse(Code::plugin_load_failed, "has a malformed arranger_plugin_stamp");
  if (!exports->unique.empty()) {
    return refuse(Code::plugin_load_failed, "has the unique symbol " + as_utf8(std::string(exports->unique)) +
                                                ", which would keep it in memory and give its data to the next build; "
                                                "compile it with -fno-gnu-unique and link it with an export list");
  }
  return *stamp;
}

Result<arr_plugin_stamp> check_stamp(const arr_plugin_stamp &given, std::string_view name) {
  const auto stamp = image::copy_stamp(std::as_bytes(std::span(&given, 1)));
  if (!stamp) return fail(Code::plugin_load_failed, std::string(name) + " has a malformed arranger_plugin_stamp");
  if (stamp->abi_major != ARR_ABI_MAJOR)
    return fail(Code::plugin_abi_mismatch, std::string(name) + " " + image::abi_mismatch(*stamp));
  return *stamp;
}

bool is_incomplete(std::span<const std::byte> bytes, ImageTarget target) {
  using namespace image;
  const Bytes file(bytes);
  if (file.u32(0) == 0) return true;  // shorter than any beginning, or one that the linker writes last
  const auto exports = read_exports(file, target);
  return !exports && exports.error().starts_with(truncated_text);
}

ImageDependencies read_dependencies(std::span<const std::byte> bytes, ImageTarget target) {
  using namespace image;
  switch (target.format) {
    case ImageFormat::elf:
      return elf_dependencies(Bytes(bytes));
    case ImageFormat::mach_o:
      return mach_o_dependencies(Bytes(bytes), target.machine);
    case ImageFormat::pe:
      break;
  }
  return {};
}

}  // namespace arranger
