// SPDX-License-Identifier: MIT
// Mach-O 64, thin and universal, after Apple's <mach-o/loader.h>, <mach-o/nlist.h> and <mach-o/fat.h>.
#include "plugin/image_formats.hpp"

namespace arranger::image {
namespace {

constexpr std::uint64_t header_size = 32;
constexpr std::uint64_t symbol_size = 16;
constexpr std::uint32_t command_segment = 0x19;
constexpr std::uint32_t command_symbols = 0x2;
constexpr std::uint32_t command_load_library = 0xc;
constexpr std::uint32_t command_load_weak = 0x80000018;
constexpr std::uint32_t command_reexport = 0x8000001f;
constexpr std::uint32_t command_search_path = 0x8000001c;

std::uint32_t cpu_type(ImageMachine machine) { return machine == ImageMachine::x86_64 ? 0x01000007 : 0x0100000c; }

std::uint32_t big32(const Bytes &file, std::uint64_t at) {
  return std::uint32_t{file.u8(at)} << 24 | std::uint32_t{file.u8(at + 1)} << 16 | std::uint32_t{file.u8(at + 2)} << 8 |
         file.u8(at + 3);
}
std::uint64_t big64(const Bytes &file, std::uint64_t at) {
  return std::uint64_t{big32(file, at)} << 32 | big32(file, at + 4);
}

std::string other_machine(ImageMachine machine) {
  return std::string("has no code for ") + machine_name(machine) + ", on which this engine runs";
}

// The part of a universal file that is for this machine; a thin file is its own.
Parsed<Bytes> own_slice(const Bytes &file, ImageMachine machine) {
  const std::uint32_t magic = big32(file, 0);
  if (magic != 0xcafebabe && magic != 0xcafebabf) return file;
  const bool wide = magic == 0xcafebabf;
  const std::uint64_t stride = wide ? 32 : 20;
  const std::uint64_t count = big32(file, 4);
  if (auto missing = missing_bytes(file, "table of architectures", 8, count * stride))
    return std::unexpected(truncated(*missing));
  for (std::uint64_t at = 8; at < 8 + count * stride; at += stride) {
    if (big32(file, at) != cpu_type(machine)) continue;
    const std::uint64_t offset = wide ? big64(file, at + 8) : big32(file, at + 8);
    const std::uint64_t size = wide ? big64(file, at + 16) : big32(file, at + 12);
    if (auto missing = missing_bytes(file, "architecture", offset, size)) return std::unexpected(truncated(*missing));
    return Bytes(file.part(offset, size));
  }
  return std::unexpected(other_machine(machine));
}

// Calls visit(command, offset, size) for every load command that lies whole within the file; false from it ends the
// walk.
template <class Visit>
void for_each_command(const Bytes &file, const Visit &visit) {
  std::uint64_t at = header_size;
  const std::uint64_t end = header_size + file.u32(20);
  for (std::uint32_t i = 0; i < file.u32(16); ++i) {
    const std::uint32_t size = file.u32(at + 4);
    if (size < 8 || at + size > end || !file.contains(at, size) || !visit(file.u32(at), at, size)) return;
    at += size;
  }
}

std::optional<std::string> wrong_kind(const Bytes &file, ImageMachine machine) {
  if (file.u32(0) == 0xfeedface) return "is a 32-bit library, this engine is a 64-bit program";
  if (auto missing = missing_bytes(file, "header", 0, header_size)) return truncated(*missing);
  if (file.u32(0) != 0xfeedfacf) return "is not a shared library: its part for this machine has no Mach-O header";
  if (file.u32(4) != cpu_type(machine)) return other_machine(machine);
  const std::uint32_t type = file.u32(12);
  if (type != 6 && type != 8) return "is not a shared library: it is a Mach-O file of type " + std::to_string(type);
  if (auto missing = missing_bytes(file, "list of load commands", header_size, file.u32(20)))
    return truncated(*missing);
  return std::nullopt;
}

std::optional<std::string> incomplete(const Bytes &file) {
  std::optional<std::string> missing;
  std::uint32_t seen = 0;
  for_each_command(file, [&](std::uint32_t command, std::uint64_t at, std::uint32_t) {
    ++seen;
    if (command == command_segment) missing = missing_bytes(file, "segment", file.u64(at + 40), file.u64(at + 48));
    if (command == command_symbols) {
      missing = missing_bytes(file, "symbol table", file.u32(at + 8), file.u32(at + 12) * symbol_size);
      if (!missing) missing = missing_bytes(file, "string table", file.u32(at + 16), file.u32(at + 20));
    }
    return !missing;
  });
  if (!missing && seen != file.u32(16)) return "its load commands end early";
  return missing;
}

std::span<const std::byte> loaded_at(const Bytes &file, std::uint64_t address) {
  std::span<const std::byte> found;
  for_each_command(file, [&](std::uint32_t command, std::uint64_t at, std::uint32_t) {
    if (command != command_segment) return true;
    const std::uint64_t start = file.u64(at + 24), offset = file.u64(at + 40), length = file.u64(at + 48);
    if (address < start || address - start >= length) return true;
    found = file.part(offset + (address - start), length - (address - start));
    return false;
  });
  return found;
}

void read_symbols(const Bytes &file, std::uint64_t command, Exports &exports) {
  const std::uint64_t strings = file.u32(command + 16), strings_end = strings + file.u32(command + 20);
  const std::uint64_t symbols = file.u32(command + 8), symbols_end = symbols + file.u32(command + 12) * symbol_size;
  for (std::uint64_t at = symbols; at < symbols_end; at += symbol_size) {
    const unsigned type = file.u8(at + 4);
    // External, defined in a section, and neither private nor a debugging entry.
    if ((type & 0xe0) != 0 || (type & 0x10) != 0 || (type & 0x01) == 0 || (type & 0x0e) != 0x0e) continue;
    std::string_view name = file.text(strings + file.u32(at), strings_end);
    if (!name.starts_with('_')) continue;
    name.remove_prefix(1);
    if (name == entry_symbol) exports.entry = true;
    if (name == stamp_symbol) exports.stamp = loaded_at(file, file.u64(at + 8));
  }
}

}  // namespace

Parsed<Exports> read_mach_o(const Bytes &whole, ImageMachine machine) {
  const auto slice = own_slice(whole, machine);
  if (!slice) return std::unexpected(slice.error());
  if (auto wrong = wrong_kind(*slice, machine)) return std::unexpected(*wrong);
  if (auto missing = incomplete(*slice)) return std::unexpected(truncated(*missing));
  Exports exports;
  for_each_command(*slice, [&](std::uint32_t command, std::uint64_t at, std::uint32_t) {
    if (command == command_symbols) read_symbols(*slice, at, exports);
    return true;
  });
  return exports;
}

ImageDependencies mach_o_dependencies(const Bytes &whole, ImageMachine machine) {
  ImageDependencies result;
  const auto slice = own_slice(whole, machine);
  if (!slice) return result;
  for_each_command(*slice, [&](std::uint32_t command, std::uint64_t at, std::uint32_t size) {
    const std::string_view text = slice->text(at + slice->u32(at + 8), at + size);
    const bool library = command == command_load_library || command == command_load_weak || command == command_reexport;
    if (library) result.needed.emplace_back(text);
    if (command == command_search_path) result.search.emplace_back(text);
    return true;
  });
  return result;
}

}  // namespace arranger::image
