// SPDX-License-Identifier: MIT
// The parser reads files of strangers before anything else does: no bytes may make it fall.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "fixtures.hpp"
#include "plugin/image.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

using Image = std::vector<std::byte>;

Image impulse() { return read_file(fixture("impulse")).value(); }

// In memory of exactly its size, so that a sanitizer sees a byte too far.
Image prefix(const Image &image, std::size_t length) {
  return Image(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(length));
}

std::string message(const Image &image) {
  const auto stamp = read_stamp(image, "x.so");
  return stamp ? std::string() : stamp.error().message;
}

template <class T>
void poke(Image &image, std::size_t at, T value) {
  std::memcpy(image.data() + at, &value, sizeof value);
}

}  // namespace

TEST_CASE("the stamp is read from the file") {
  const auto stamp = read_stamp(impulse(), "impulse.so");
  REQUIRE(stamp.has_value());
  CHECK(stamp->struct_size == sizeof(arr_plugin_stamp));
  CHECK(stamp->abi_major == ARR_ABI_MAJOR);
  CHECK(stamp->sdk_version == ARR_SDK_VERSION);
  CHECK(std::string_view(stamp->magic) == ARR_STAMP_MAGIC);
}

TEST_CASE("what is no library will not become one") {
  CHECK(!is_incomplete(read_file(fixture("not_a_library")).value()));
  CHECK(!is_incomplete(read_file(fixture("no_entry")).value()));
  CHECK(is_incomplete(Image(4096)));  // a linker may write the beginning last
}

TEST_CASE("no shorter version of a library is taken for whole") {
  const Image image = impulse();
  for (std::size_t length = 0; length < image.size(); ++length) {
    const Image part = prefix(image, length);
    const auto stamp = read_stamp(part, "impulse.so");
    REQUIRE_MESSAGE(!stamp.has_value(), "taken at " << length << " of " << image.size() << " bytes");
    REQUIRE(stamp.error().code == Code::plugin_load_failed);
    REQUIRE(is_incomplete(part));
    (void)read_dependencies(part);
  }
  CHECK(read_stamp(image, "impulse.so").has_value());
  CHECK(!is_incomplete(image));
}

TEST_CASE("ten thousand damaged libraries do no harm") {
  const Image image = impulse();
  std::mt19937_64 random(20240601);
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) {
    Image damaged = image;
    // Half of the damage where it matters most: the header, the program header and the section table.
    const bool tables = random() % 2 == 0;
    const std::size_t damage = 1 + random() % 8;
    for (std::size_t n = 0; n < damage; ++n) {
      std::size_t at = random() % damaged.size();
      if (tables) at = random() % 2 ? random() % 512 : damaged.size() - 1 - random() % 2048;
      damaged[at] = static_cast<std::byte>(random());
    }
    accepted += read_stamp(damaged, "damaged.so").has_value();
    (void)read_dependencies(damaged);
  }
  // Most bytes of a library are code, which the parser does not look at.
  CHECK(accepted > 0);
  CHECK(accepted < 10'000);
}

#if defined(__linux__)
TEST_CASE("what is wrong is named") {
  Image image = impulse();
  SUBCASE("32 bits") {
    poke<std::uint8_t>(image, 4, 1);
    CHECK(message(image) == "x.so is a 32-bit library, this engine is a 64-bit program");
  }
  SUBCASE("another byte order") {
    poke<std::uint8_t>(image, 5, 2);
    CHECK(message(image) == "x.so is built for a big-endian machine");
  }
  SUBCASE("an object file") {
    poke<std::uint16_t>(image, 16, 1);
    CHECK(message(image) == "x.so is not a shared library: it is an ELF file of type 1");
  }
  SUBCASE("another machine") {
    const bool x86 = native_target().machine == ImageMachine::x86_64;
    poke<std::uint16_t>(image, 18, x86 ? 183 : 62);
    CHECK(message(image) == (x86 ? "x.so is built for AArch64, this engine runs on x86-64"
                                 : "x.so is built for x86-64, this engine runs on AArch64"));
  }
  SUBCASE("no section table") {
    poke<std::uint64_t>(image, 40, 0);
    CHECK(message(image) == "x.so is not a shared library: it has no section table");
  }
  SUBCASE("a table beyond all files") {
    poke<std::uint64_t>(image, 40, UINT64_MAX - 8);
    CHECK(message(image).starts_with("x.so is truncated: its section table ends beyond all files"));
  }
  SUBCASE("another system's library") {
    poke<std::uint32_t>(image, 0, 0xfeedfacf);
    CHECK(message(image) == "x.so is a Mach-O library (macOS), this engine opens an ELF library (Linux)");
    poke<std::uint16_t>(image, 0, 0x5a4d);
    CHECK(message(image) == "x.so is a PE library (Windows), this engine opens an ELF library (Linux)");
  }
  SUBCASE("bytes that are no text") {
    poke<std::uint32_t>(image, 0, 0x22ff0041);
    CHECK(message(image) == "x.so is not a shared library: it begins with \"A\\x00\\xff\\x22\"");
  }
}
#endif

TEST_CASE("a stamp is checked before it is believed") {
  Image image = impulse();
  const std::string_view magic = ARR_STAMP_MAGIC;
  const auto *bytes = reinterpret_cast<const std::byte *>(magic.data());
  const auto found = std::search(image.begin(), image.end(), bytes, bytes + magic.size());
  REQUIRE(found != image.end());
  const auto stamp = static_cast<std::size_t>(found - image.begin()) - offsetof(arr_plugin_stamp, magic);
  SUBCASE("another magic") {
    image[stamp + offsetof(arr_plugin_stamp, magic)] = std::byte{'X'};
    CHECK(message(image) == "x.so has a malformed arranger_plugin_stamp");
  }
  SUBCASE("a size that cannot be") {
    poke<std::uint32_t>(image, stamp, 8);
    CHECK(message(image) == "x.so has a malformed arranger_plugin_stamp");
    poke<std::uint32_t>(image, stamp, UINT32_MAX);
    CHECK(message(image) == "x.so has a malformed arranger_plugin_stamp");
  }
  SUBCASE("a smaller one from an older SDK") {
    poke<std::uint32_t>(image, stamp, 32);
    const auto read = read_stamp(image, "x.so");
    REQUIRE(read.has_value());
    CHECK(std::string_view(read->compiler).empty());
  }
  SUBCASE("an older major version") {
    poke<std::uint32_t>(image, stamp + offsetof(arr_plugin_stamp, abi_major), 0);
    CHECK(message(image) ==
          "x.so was built for ABI 0.0, this engine speaks 1.x; rebuild it with @arranger/plugin-sdk 1.x");
  }
  SUBCASE("a newer minor version is welcome") {
    poke<std::uint32_t>(image, stamp + offsetof(arr_plugin_stamp, abi_minor), 9);
    CHECK(message(image).empty());
  }
}

TEST_CASE("dependencies and their search path are read") {
  const auto image = read_file(fixture("needs_helper")).value();
  const auto dependencies = read_dependencies(image);
  const auto is_helper = [](const std::string &name) { return name.find("libfixture_helper") != std::string::npos; };
  CHECK(std::ranges::any_of(dependencies.needed, is_helper));
  REQUIRE(dependencies.search.size() == 1);
  CHECK(dependencies.search[0] == (native_target().format == ImageFormat::elf ? "$ORIGIN" : "@loader_path"));
}
