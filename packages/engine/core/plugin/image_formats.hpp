// SPDX-License-Identifier: MIT
// What image.cpp asks of each file format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "plugin/image.hpp"

namespace arranger::image {

inline constexpr std::string_view entry_symbol = "register_plugin";
inline constexpr std::string_view stamp_symbol = "arranger_plugin_stamp";

// A file's bytes; every access is checked. All formats here are little-endian, as is every machine they are for.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t size() const { return bytes_.size(); }
  bool contains(std::uint64_t at, std::uint64_t length) const { return at <= size() && length <= size() - at; }

  // Zero where the file has no such bytes.
  template <class T>
  T get(std::uint64_t at) const {
    static_assert(std::is_integral_v<T>);
    T value = 0;
    if (contains(at, sizeof(T))) std::memcpy(&value, bytes_.data() + at, sizeof(T));
    return value;
  }
  std::uint8_t u8(std::uint64_t at) const { return get<std::uint8_t>(at); }
  std::uint16_t u16(std::uint64_t at) const { return get<std::uint16_t>(at); }
  std::uint32_t u32(std::uint64_t at) const { return get<std::uint32_t>(at); }
  std::uint64_t u64(std::uint64_t at) const { return get<std::uint64_t>(at); }

  std::span<const std::byte> part(std::uint64_t at, std::uint64_t length) const {
    return contains(at, length) ? bytes_.subspan(at, length) : std::span<const std::byte>();
  }
  // The NUL-terminated text at `at`, which must end before `end`; empty when there is none.
  std::string_view text(std::uint64_t at, std::uint64_t end) const {
    if (end > size() || at >= end) return {};
    const auto *start = reinterpret_cast<const char *>(bytes_.data()) + at;
    const void *nul = std::memchr(start, 0, end - at);
    if (!nul) return {};
    return {start, static_cast<std::size_t>(static_cast<const char *>(nul) - start)};
  }

 private:
  std::span<const std::byte> bytes_;
};

// The two exports that make a library a plugin library. `stamp` runs from the stamp to the end of what the file holds
// of its segment.
struct Exports {
  bool entry = false;
  std::optional<std::span<const std::byte>> stamp;
  std::string_view unique;  // ELF: a symbol that the system has once in a process, whatever opens and closes
};

// "its section table ends at byte 90 but the file has 80": the second half of a message, or nothing when all is there.
std::optional<std::string> missing_bytes(const Bytes &file, const char *what, std::uint64_t at, std::uint64_t length);

// What is said of a file whose end is missing, and of no other.
inline constexpr std::string_view truncated_text = "is truncated: ";
inline std::string truncated(const std::string &missing) { return std::string(truncated_text) + missing; }

// Each checks the whole file and finds the exports. The error text goes after the library's name.
template <class T>
using Parsed = std::expected<T, std::string>;

Parsed<Exports> read_elf(const Bytes &file, ImageMachine machine);
Parsed<Exports> read_mach_o(const Bytes &file, ImageMachine machine);
Parsed<Exports> read_pe(const Bytes &file, ImageMachine machine);

// A symbol of an ELF file. `name` points into the file.
struct ElfSymbol {
  std::string_view name;
  std::uint64_t address;
  std::uint64_t size;
  unsigned binding;     // 1 global, 2 weak, 10 unique
  unsigned type;        // 2: a function
  unsigned visibility;  // 0 default, 3 protected
  bool defined;
  bool is_unique() const { return binding == 10; }
  // Defined, and visible to other libraries.
  bool is_export() const {
    return defined && (binding == 1 || binding == 2 || binding == 10) && (visibility == 0 || visibility == 3);
  }
};
// What the linker sees, or all that the compiler left, which is empty when the file was stripped.
enum class ElfTable : std::uint32_t { dynamic = 11, all = 2 };
std::vector<ElfSymbol> elf_symbols(const Bytes &file, ElfTable table);

ImageDependencies elf_dependencies(const Bytes &file);
ImageDependencies mach_o_dependencies(const Bytes &file, ImageMachine machine);

const char *machine_name(ImageMachine machine);

}  // namespace arranger::image
