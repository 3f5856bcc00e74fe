// SPDX-License-Identifier: MIT
// PE32+, after Microsoft's PE format specification.
#include "plugin/image_formats.hpp"

namespace arranger::image {
namespace {

constexpr std::uint64_t section_size = 40;

struct Headers {
  std::uint64_t coff;      // after the signature
  std::uint64_t optional;  // header
  std::uint64_t sections;
  std::uint64_t section_count;
};

Headers find_headers(const Bytes &file) {
  const std::uint64_t coff = std::uint64_t{file.u32(0x3c)} + 4;
  const std::uint64_t optional = coff + 20;
  return {coff, optional, optional + file.u16(coff + 16), file.u16(coff + 2)};
}

std::optional<std::string> wrong_kind(const Bytes &file, const Headers &headers, ImageMachine machine) {
  if (auto missing = missing_bytes(file, "header", 0, 64)) return truncated(*missing);
  if (auto missing = missing_bytes(file, "header", headers.coff - 4, 24)) return truncated(*missing);
  if (file.u32(headers.coff - 4) != 0x00004550) return "is not a shared library: it is a DOS program";
  const std::uint16_t wanted = machine == ImageMachine::x86_64 ? 0x8664 : 0xaa64;
  const std::uint16_t found = file.u16(headers.coff);
  if (found != wanted) {
    const std::string other = found == 0x8664   ? "x86-64"
                              : found == 0xaa64 ? "AArch64"
                              : found == 0x14c  ? "32-bit x86"
                                                : "another machine";
    return "is built for " + other + ", this engine runs on " + machine_name(machine);
  }
  if ((file.u16(headers.coff + 18) & 0x2000) == 0) return "is not a shared library: it is a program";
  if (auto missing = missing_bytes(file, "section table", headers.sections, headers.section_count * section_size))
    return truncated(*missing);
  if (file.u16(headers.optional) != 0x20b) return "is not a PE32+ library";
  return std::nullopt;
}

// What the file holds from a relative virtual address to the end of its section.
std::optional<std::uint64_t> file_offset(const Bytes &file, const Headers &headers, std::uint64_t address,
                                         std::uint64_t *end) {
  for (std::uint64_t i = 0; i < headers.section_count; ++i) {
    const std::uint64_t at = headers.sections + i * section_size;
    const std::uint64_t start = file.u32(at + 12), length = file.u32(at + 16), offset = file.u32(at + 20);
    if (address < start || address - start >= length) continue;
    *end = offset + length;
    return offset + (address - start);
  }
  return std::nullopt;
}

// The symbol table that some compilers put at the end, and the strings behind it. The system does not read it, but a
// file without its end is not what its author made.
std::optional<std::string> missing_symbols(const Bytes &file, const Headers &headers) {
  const std::uint64_t symbols = file.u32(headers.coff + 8);
  if (symbols == 0) return std::nullopt;
  const std::uint64_t strings = symbols + std::uint64_t{file.u32(headers.coff + 12)} * 18;
  if (auto missing = missing_bytes(file, "symbol table", symbols, strings - symbols + 4)) return missing;
  return missing_bytes(file, "string table", strings, file.u32(strings));
}

}  // namespace

Parsed<Exports> read_pe(const Bytes &file, ImageMachine machine) {
  const Headers headers = find_headers(file);
  if (auto wrong = wrong_kind(file, headers, machine)) return std::unexpected(*wrong);
  for (std::uint64_t i = 0; i < headers.section_count; ++i) {
    const std::uint64_t at = headers.sections + i * section_size;
    const std::string what = "section " + std::to_string(i);
    if (auto missing = missing_bytes(file, what.c_str(), file.u32(at + 20), file.u32(at + 16)))
      return std::unexpected(truncated(*missing));
  }
  if (auto missing = missing_symbols(file, headers)) return std::unexpected(truncated(*missing));
  Exports exports;
  const bool has_directory = headers.sections - headers.optional >= 120 && file.u32(headers.optional + 108) >= 1;
  std::uint64_t end = 0;
  const auto offset_of = [&](std::uint64_t address) { return file_offset(file, headers, address, &end); };
  const auto directory = has_directory ? offset_of(file.u32(headers.optional + 112)) : std::nullopt;
  if (!directory) return exports;
  const auto functions = offset_of(file.u32(*directory + 28));
  const auto names = offset_of(file.u32(*directory + 32));
  const auto ordinals = offset_of(file.u32(*directory + 36));
  if (!functions || !names || !ordinals) return exports;
  const std::uint64_t count = file.u32(*directory + 24);
  for (std::uint64_t i = 0; i < count && file.contains(*names + i * 4, 4); ++i) {
    const auto name_at = offset_of(file.u32(*names + i * 4));
    const std::string_view name = name_at ? file.text(*name_at, end) : std::string_view();
    if (name != entry_symbol && name != stamp_symbol) continue;
    const auto ordinal = file.u16(*ordinals + i * 2);
    const auto at = offset_of(file.u32(*functions + std::uint64_t{ordinal} * 4));
    if (name == entry_symbol) exports.entry = at.has_value();
    if (name == stamp_symbol) exports.stamp = at ? file.part(*at, end - *at) : std::span<const std::byte>();
  }
  return exports;
}

}  // namespace arranger::image
