// SPDX-License-Identifier: MIT
#include "plugin/state.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "base/base64.hpp"

using namespace arranger;

namespace {

PluginState example() {
  return {"com.acme.thing",
          7,
          {{"number", 0.1},
           {"huge", std::numeric_limits<double>::infinity()},
           {"text", std::string("\0\xc3\xa4 with a NUL", 14)},
           {"empty", std::string()},
           {"bytes", StateBytes{0, 1, 255}},
           {"none", StateBytes()}}};
}

std::span<const std::byte> bytes_of(const std::string &text) { return std::as_bytes(std::span(text)); }

}  // namespace

TEST_CASE("a state is the same after encoding and decoding, and nothing is nothing") {
  const std::string bytes = encode_state(example());
  const auto decoded = decode_state(bytes);
  REQUIRE(decoded);
  CHECK(*decoded == example());
  CHECK(encode_state(*decoded) == bytes);
  CHECK(encode_state({"com.acme.thing", 1, {}}).empty());
}

// What was saved by a released version is read for ever: these bytes never change.
TEST_CASE("the format of a state is what it has been") {
  const std::string saved =
      "QVJSU1RBVEUBAAAAAgAAAAYAAAB0ZXN0LmECAAAAAQAAAHgBAAAAAAAA+D8EAAAAbmFtZQIDAAAAYWJj0Kf+7sRJIU0=";
  const PluginState state{"test.a", 2, {{"x", 1.5}, {"name", std::string("abc")}}};
  CHECK(base64(bytes_of(encode_state(state))) == saved);
  CHECK(decode_state(*from_base64(saved)) == state);
}

TEST_CASE("whatever is cut off, damaged or invented is refused") {
  const std::string bytes = encode_state(example());
  for (std::size_t length = 0; length < bytes.size(); ++length) REQUIRE(!decode_state(bytes.substr(0, length)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    REQUIRE(!decode_state(damaged));
  }
  CHECK(!decode_state(bytes + "x"));
  std::mt19937 random(1);
  for (int tries = 0; tries < 200; ++tries) {
    std::string noise(random() % 2000, '\0');
    for (char &byte : noise) byte = static_cast<char>(random());
    REQUIRE(!decode_state(noise));
    REQUIRE(!decode_state("ARRSTATE" + noise));
  }
  CHECK(!decode_state(std::string(greatest_state + 1, 'x')));
}

TEST_CASE("a key is letters, digits and a few signs") {
  for (const char *key : {"a", "A_9.b-c"}) CHECK(is_state_key(key));
  for (const char *key : {"", "a b", "\xc3\xa4", "a/b"}) CHECK(!is_state_key(key));
  CHECK(!is_state_key(std::string(201, 'a')));
}

TEST_CASE("base64 is read back, and only what is base64") {
  std::mt19937 random(2);
  for (std::size_t length = 0; length < 100; ++length) {
    std::string bytes(length, '\0');
    for (char &byte : bytes) byte = static_cast<char>(random());
    REQUIRE(from_base64(base64(bytes_of(bytes))) == bytes);
  }
  for (const char *text :
       {"A", "AA", "AAA", "AA=", "A===", "====", "AB==", "AAB=", "A A=", "AA==AA==", "AAAA=", "\xc3\xa4"})
    CHECK(!from_base64(text));
}
