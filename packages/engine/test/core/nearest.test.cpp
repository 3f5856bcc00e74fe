// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/nearest.hpp"
#include "base/utf8.hpp"

using namespace arranger;

TEST_CASE("the nearest name is what was meant, or none") {
  const std::vector<std::string> names = {"room_size", "wet", "dry", "damping"};
  CHECK(nearest("roomsize", std::span<const std::string>(names)) == "room_size");
  CHECK(nearest("WET", std::span<const std::string>(names)) == "wet");
  CHECK(nearest("dyr", std::span<const std::string>(names)) == "dry");
  CHECK(nearest("frequency", std::span<const std::string>(names)).empty());
  CHECK(nearest("", std::span<const std::string>(names)).empty());
  CHECK(nearest(std::string(100'000, 'x'), std::span<const std::string>(names)).empty());
  CHECK(nearest_hint("dampin", std::span<const std::string>(names)) == "; nearest is 'damping'");
  CHECK(nearest_hint("q", std::span<const std::string>(names)).empty());
}

TEST_CASE("every error code has a name of its own, a cause and a remedy") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Code::message_too_large); ++i) {
    const CodeInfo &entry = info(static_cast<Code>(i));
    CHECK(names.insert(entry.name).second);
    CHECK(entry.cause.ends_with('.'));
    CHECK(entry.remedy.ends_with('.'));
  }
  CHECK(info(Code::plugin_crashed).name == "plugin_crashed");
}

TEST_CASE("text that is not UTF-8 is seen") {
  for (const char *good : {"", "plain", "\xc3\xa4", "\xe2\x99\xaa", "\xf0\x9d\x84\x9e"}) CHECK(is_utf8(good));
  for (const char *bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
    CHECK(!is_utf8(bad));
  CHECK(as_utf8("sch\xf6n") == "sch?n");
}
