// SPDX-License-Identifier: MIT
// ELF64, after the System V ABI (generic, chapters 4 and 5).
#include "plugin/image_formats.hpp"

namespace arranger::image {
namespace {

constexpr std::uint64_t header_size = 64;
constexpr std::uint64_t segment_size = 56;
constexpr std::uint64_t section_size = 64;
constexpr std::uint64_t symbol_size = 24;
constexpr std::uint32_t segment_load = 1;
constexpr std::uint32_t section_null = 0;
constexpr std::uint32_t section_dynamic = 6;
constexpr std::uint32_t section_nobits = 8;

struct Section {
  std::uint32_t type;
  std::uint64_t offset;
  std::uint64_t size;
  std::uint32_t link;
  std::uint64_t end() const { return offset + size; }
};

std::uint64_t section_count(const Bytes &file) { return file.u16(60); }

Section section(const Bytes &file, std::uint64_t index) {
  const std::uint64_t at = file.u64(40) + index * section_size;
  return {file.u32(at + 4), file.u64(at + 24), file.u64(at + 32), file.u32(at + 40)};
}

std::optional<Section> find_section(const Bytes &file, std::uint32_t type) {
  for (std::uint64_t i = 0; i < section_count(file); ++i) {
    if (const Section found = section(file, i); found.type == type) return found;
  }
  return std::nullopt;
}

// The string table that a section links to, when it lies within the file.
std::optional<Section> strings_of(const Bytes &file, const Section &user) {
  if (user.link >= section_count(file)) return std::nullopt;
  const Section strings = section(file, user.link);
  if (!file.contains(strings.offset, strings.size)) return std::nullopt;
  return strings;
}

std::optional<std::string> wrong_kind(const Bytes &file, ImageMachine machine) {
  if (auto missing = missing_bytes(file, "header", 0, header_size)) return truncated(*missing);
  if (file.u8(4) != 2) return "is a 32-bit library, this engine is a 64-bit program";
  if (file.u8(5) != 1) return "is built for a big-endian machine";
  if (file.u16(16) != 3) return "is not a shared library: it is an ELF file of type " + std::to_string(file.u16(16));
  const std::uint16_t found = file.u16(18);
  const std::uint16_t wanted = machine == ImageMachine::x86_64 ? 62 : 183;
  if (found == wanted) return std::nullopt;
  const std::string other = found == 62 ? "x86-64" : found == 183 ? "AArch64" : "machine " + std::to_string(found);
  return "is built for " + other + ", this engine runs on " + machine_name(machine);
}

std::optional<std::string> incomplete(const Bytes &file) {
  const std::uint64_t segments = file.u64(32);
  const std::uint64_t sections = file.u64(40);
  if (file.u16(54) != segment_size || file.u16(56) == 0) return "has no program header";
  if (sections == 0 || section_count(file) == 0 || file.u16(58) != section_size) return "has no section table";
  if (auto missing = missing_bytes(file, "section table", sections, section_count(file) * section_size)) return missing;
  if (auto missing = missing_bytes(file, "program header", segments, file.u16(56) * segment_size)) return missing;
  for (std::uint64_t i = 0; i < file.u16(56); ++i) {
    const std::uint64_t at = segments + i * segment_size;
    const std::string what = "segment " + std::to_string(i);
    if (auto missing = missing_bytes(file, what.c_str(), file.u64(at + 8), file.u64(at + 32))) return missing;
  }
  for (std::uint64_t i = 0; i < section_count(file); ++i) {
    const Section s = section(file, i);
    if (s.type == section_null || s.type == section_nobits) continue;
    const std::string what = "section " + std::to_string(i);
    if (auto missing = missing_bytes(file, what.c_str(), s.offset, s.size)) return missing;
  }
  return std::nullopt;
}

// What the file holds from a virtual address to the end of its segment.
std::optional<std::span<const std::byte>> loaded_at(const Bytes &file, std::uint64_t address) {
  for (std::uint64_t i = 0; i < file.u16(56); ++i) {
    const std::uint64_t at = file.u64(32) + i * segment_size;
    const std::uint64_t offset = file.u64(at + 8), start = file.u64(at + 16), length = file.u64(at + 32);
    if (file.u32(at) != segment_load || address < start || address - start >= length) continue;
    return file.part(offset + (address - start), length - (address - start));
  }
  return std::nullopt;
}

}  // namespace

std::vector<ElfSymbol> elf_symbols(const Bytes &file, ElfTable table) {
  std::vector<ElfSymbol> result;
  const auto symbols = find_section(file, static_cast<std::uint32_t>(table));
  const auto strings = symbols ? strings_of(file, *symbols) : std::nullopt;
  if (!strings) return result;
  for (std::uint64_t at = symbols->offset; at + symbol_size <= symbols->end(); at += symbol_size) {
    const unsigned info = file.u8(at + 4);
    result.push_back({file.text(strings->offset + file.u32(at), strings->end()), file.u64(at + 8), file.u64(at + 16),
                      info >> 4, info & 15u, file.u8(at + 5) & 3u, file.u16(at + 6) != 0});
  }
  return result;
}

Parsed<Exports> read_elf(const Bytes &file, ImageMachine machine) {
  if (auto wrong = wrong_kind(file, machine)) return std::unexpected(*wrong);
  if (auto missing = incomplete(file)) {
    const bool table = missing->starts_with("has no");
    return std::unexpected(table ? "is not a shared library: it " + *missing : truncated(*missing));
  }
  Exports exports;
  for (const ElfSymbol &symbol : elf_symbols(file, ElfTable::dynamic)) {
    if (!symbol.is_export()) continue;
    if (symbol.is_unique()) exports.unique = symbol.name;
    if (symbol.name == entry_symbol) exports.entry = true;
    // An address outside of the segments leaves an empty span, which is no stamp.
    if (symbol.name == stamp_symbol)
      exports.stamp = loaded_at(file, symbol.address).value_or(std::span<const std::byte>());
  }
  return exports;
}

ImageDependencies elf_dependencies(const Bytes &file) {
  constexpr std::uint64_t tag_needed = 1, tag_rpath = 15, tag_runpath = 29;
  ImageDependencies result;
  const auto dynamic = find_section(file, section_dynamic);
  const auto strings = dynamic ? strings_of(file, *dynamic) : std::nullopt;
  if (!strings || !file.contains(dynamic->offset, dynamic->size)) return result;
  for (std::uint64_t at = dynamic->offset; at + 16 <= dynamic->end(); at += 16) {
    const std::uint64_t tag = file.u64(at), value = file.u64(at + 8);
    if (tag == 0) break;
    if ((tag != tag_needed && tag != tag_rpath && tag != tag_runpath) || value >= strings->size) continue;
    std::string_view text = file.text(strings->offset + value, strings->end());
    if (tag == tag_needed) {
      result.needed.emplace_back(text);
      continue;
    }
    while (!text.empty()) {
      const std::size_t colon = text.find(':');
      result.search.emplace_back(text.substr(0, colon));
      text = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    }
  }
  return result;
}

}  // namespace arranger::image
