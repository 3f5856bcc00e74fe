// SPDX-License-Identifier: MIT
// Libraries of the systems that this test does not run on, made by hand: the least that is a library there.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "plugin/image.hpp"

using namespace arranger;

namespace {

constexpr ImageTarget mac = {ImageFormat::mach_o, ImageMachine::aarch64};
constexpr ImageTarget windows = {ImageFormat::pe, ImageMachine::x86_64};

class Writer {
 public:
  template <class T>
  Writer &put(std::size_t at, T value) {
    grow(at + sizeof value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
    return *this;
  }
  Writer &text(std::size_t at, const std::string &value) {
    grow(at + value.size() + 1);
    std::memcpy(bytes.data() + at, value.c_str(), value.size() + 1);
    return *this;
  }
  Writer &u16(std::size_t at, std::uint16_t value) { return put(at, value); }
  Writer &u32(std::size_t at, std::uint32_t value) { return put(at, value); }
  Writer &u64(std::size_t at, std::uint64_t value) { return put(at, value); }
  Writer &big32(std::size_t at, std::uint32_t value) { return put(at, __builtin_bswap32(value)); }

  std::vector<std::byte> bytes;

 private:
  void grow(std::size_t size) {
    if (bytes.size() < size) bytes.resize(size);
  }
};

arr_plugin_stamp stamp(std::uint32_t major = ARR_ABI_MAJOR) {
  return {sizeof(arr_plugin_stamp), major, 0, ARR_SDK_VERSION, ARR_STAMP_MAGIC, "by hand", "7"};
}

// One segment with the stamp, a symbol table, and the commands that find them.
Writer mach_o(const char *entry_name = "_register_plugin", std::uint32_t major = ARR_ABI_MAJOR) {
  constexpr std::size_t segment = 32, symbols_command = segment + 72, library = symbols_command + 24;
  constexpr std::size_t search = library + 48, commands_end = search + 32;
  constexpr std::size_t stamp_at = 512, symbols = stamp_at + sizeof(arr_plugin_stamp), strings = symbols + 32;
  Writer w;
  w.u32(0, 0xfeedfacf).u32(4, 0x0100000c).u32(12, 6).u32(16, 4).u32(20, commands_end - 32);
  w.u32(segment, 0x19).u32(segment + 4, 72).text(segment + 8, "__TEXT");
  w.u64(segment + 24, 0x4000).u64(segment + 32, 0x1000).u64(segment + 40, 0).u64(segment + 48, symbols);
  w.u32(symbols_command, 2).u32(symbols_command + 4, 24).u32(symbols_command + 8, symbols).u32(symbols_command + 12, 2);
  w.u32(symbols_command + 16, strings).u32(symbols_command + 20, 64);
  w.u32(library, 0xc).u32(library + 4, 48).u32(library + 8, 24).text(library + 24, "@rpath/libx.dylib");
  w.u32(search, 0x8000001c).u32(search + 4, 32).u32(search + 8, 12).text(search + 12, "@loader_path/..");
  w.put(stamp_at, stamp(major));
  w.u32(symbols, 1).put<std::uint8_t>(symbols + 4, 0x0f).u64(symbols + 8, 0x4000 + 256);
  w.u32(symbols + 16, 32).put<std::uint8_t>(symbols + 20, 0x0f).u64(symbols + 24, 0x4000 + stamp_at);
  w.text(strings + 1, entry_name).text(strings + 32, "_arranger_plugin_stamp").put<std::uint8_t>(strings + 63, 0);
  return w;
}

// A header, one section with everything in it, and the export directory.
Writer pe(const char *entry_name = "register_plugin", std::uint32_t major = ARR_ABI_MAJOR) {
  constexpr std::size_t signature = 64, coff = signature + 4, optional = coff + 20, sections = optional + 240;
  constexpr std::size_t raw = 512, size = 512;
  constexpr std::uint32_t address = 0x1000, base = address - raw;  // base + file offset = address
  constexpr std::uint32_t directory = raw, functions = raw + 40, names = raw + 48, ordinals = raw + 56;
  constexpr std::uint32_t first_name = raw + 64, second_name = raw + 96, stamp_at = raw + 128;
  Writer w;
  w.u16(0, 0x5a4d).u32(0x3c, signature).u32(signature, 0x00004550);
  w.u16(coff, 0x8664).u16(coff + 2, 1).u16(coff + 16, 240).u16(coff + 18, 0x2022);
  w.u16(optional, 0x20b).u32(optional + 108, 16).u32(optional + 112, base + directory).u32(optional + 116, 40);
  w.u32(sections + 8, size).u32(sections + 12, address).u32(sections + 16, size).u32(sections + 20, raw);
  w.u32(directory + 20, 2).u32(directory + 24, 2);
  w.u32(directory + 28, base + functions).u32(directory + 32, base + names).u32(directory + 36, base + ordinals);
  // In the order of the names; the ordinals cross over.
  w.u32(functions, base + raw + 300).u32(functions + 4, base + stamp_at);
  w.u32(names, base + second_name).u32(names + 4, base + first_name);
  w.u16(ordinals, 1).u16(ordinals + 2, 0);
  w.text(first_name, entry_name).text(second_name, "arranger_plugin_stamp").put(stamp_at, stamp(major));
  w.put<std::uint8_t>(raw + size - 1, 0);
  return w;
}

std::string message(const Writer &image, ImageTarget target) {
  const auto result = read_stamp(image.bytes, "x", target);
  return result ? std::string() : result.error().message;
}

void check_hardened(const std::vector<std::byte> &image, ImageTarget target) {
  for (std::size_t length = 0; length < image.size(); ++length) {
    const std::vector<std::byte> part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(length));
    REQUIRE_MESSAGE(!read_stamp(part, "x", target).has_value(), "taken at " << length << " bytes");
  }
  std::mt19937_64 random(7);
  for (int i = 0; i < 5'000; ++i) {
    auto damaged = image;
    for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = static_cast<std::byte>(random());
    (void)read_stamp(damaged, "x", target);
    (void)read_dependencies(damaged, target);
  }
}

}  // namespace

TEST_CASE("a Mach-O library is read") {
  const auto read = read_stamp(mach_o().bytes, "x", mac);
  REQUIRE_MESSAGE(read.has_value(), read.error().message);
  CHECK(std::string(read->compiler) == "by hand");
  CHECK(message(mach_o("_main"), mac) == "x does not export register_plugin, the entry point of a plugin library");
  CHECK(message(mach_o("_main", 2), mac).starts_with("x was built for ABI 2.0, this engine speaks 1.x"));
  CHECK(message(mach_o(), {ImageFormat::mach_o, ImageMachine::x86_64}) ==
        "x has no code for x86-64, on which this engine runs");
  CHECK(message(mach_o().u32(12, 2), mac) == "x is not a shared library: it is a Mach-O file of type 2");
  const auto dependencies = read_dependencies(mach_o().bytes, mac);
  CHECK(dependencies.needed == std::vector<std::string>{"@rpath/libx.dylib"});
  CHECK(dependencies.search == std::vector<std::string>{"@loader_path/.."});
  check_hardened(mach_o().bytes, mac);
}

TEST_CASE("a private symbol is not an export") {
  Writer image = mach_o();
  const std::size_t symbols = 512 + sizeof(arr_plugin_stamp);
  CHECK(message(image.put<std::uint8_t>(symbols + 4, 0x0e), mac).starts_with("x does not export register_plugin"));
  CHECK(message(image.put<std::uint8_t>(symbols + 4, 0x1f), mac).starts_with("x does not export register_plugin"));
}

TEST_CASE("of a universal library this machine's part is read") {
  const Writer slice = mach_o();
  Writer fat;
  fat.big32(0, 0xcafebabe).big32(4, 2);
  fat.big32(8, 0x01000007).big32(16, 64).big32(20, 16);
  fat.big32(28, 0x0100000c).big32(36, 96).big32(40, static_cast<std::uint32_t>(slice.bytes.size()));
  fat.put<std::uint8_t>(95, 0);
  fat.bytes.insert(fat.bytes.end(), slice.bytes.begin(), slice.bytes.end());
  CHECK(message(fat, mac) == "");
  CHECK(
      message(fat, {ImageFormat::mach_o, ImageMachine::x86_64}).starts_with("x is truncated: its header ends at byte"));
  check_hardened(fat.bytes, mac);
  CHECK(message(fat.big32(28, 12), mac) == "x has no code for AArch64, on which this engine runs");
}

TEST_CASE("a PE library is read") {
  const auto read = read_stamp(pe().bytes, "x", windows);
  REQUIRE_MESSAGE(read.has_value(), read.error().message);
  CHECK(std::string(read->build_id) == "7");
  CHECK(message(pe("main"), windows) == "x does not export register_plugin, the entry point of a plugin library");
  CHECK(message(pe("main", 2), windows).starts_with("x was built for ABI 2.0, this engine speaks 1.x"));
  CHECK(message(pe().u16(68, 0x14c), windows) == "x is built for 32-bit x86, this engine runs on x86-64");
  CHECK(message(pe().u16(68 + 18, 0x22), windows) == "x is not a shared library: it is a program");
  CHECK(message(pe().u32(64, 0), windows) == "x is not a shared library: it is a DOS program");
  check_hardened(pe().bytes, windows);
}
