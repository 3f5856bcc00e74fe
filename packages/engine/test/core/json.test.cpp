// SPDX-License-Identifier: MIT
// What is written reads back as the same, and what is read is checked.
#include <doctest/doctest.h>

#include <bit>
#include <cstdlib>
#include <random>

#include "base/utf8.hpp"
#include "control/read.hpp"
#include "control/write.hpp"

namespace arranger::test {

enum class Colour { red, green };

struct Inner : json::Request {
  std::int64_t big = 0;
  std::vector<std::string> words;
  bool operator==(const Inner &other) const { return big == other.big && words == other.words; }
  static constexpr auto fields() {
    return std::tuple{json::field("big", &Inner::big), json::field("words", &Inner::words)};
  }
};

struct Everything : json::Request {
  bool flag = false;
  std::int32_t count = 7;
  double value = 0.5;
  std::string text;
  std::optional<double> maybe;
  std::vector<Inner> inner;
  Colour colour = Colour::red;
  json::Values values;
  bool operator==(const Everything &other) const {
    const auto all = [](const Everything &e) {
      return std::tie(e.flag, e.count, e.value, e.text, e.maybe, e.inner, e.colour, e.values);
    };
    return all(*this) == all(other);
  }
  static constexpr auto fields() {
    return std::tuple{json::field("flag", &Everything::flag),
                      json::field("count", &Everything::count, {.min = -1000, .max = 1000}),
                      json::field("value", &Everything::value),
                      json::field("text", &Everything::text, {.required = true}),
                      json::field("maybe", &Everything::maybe),
                      json::field("inner", &Everything::inner),
                      json::field("colour", &Everything::colour),
                      json::field("values", &Everything::values)};
  }
};

}  // namespace arranger::test

template <>
struct arranger::json::Words<arranger::test::Colour> {
  static constexpr std::array<std::pair<test::Colour, std::string_view>, 2> all{
      {{test::Colour::red, "red"}, {test::Colour::green, "green"}}};
};

using namespace arranger;
using namespace arranger::test;

namespace {

// Unicode text of every plane, with what JSON must escape. Names and paths go to C: requests have no NUL.
std::string random_text(std::mt19937 &random, std::uint32_t lowest = 1) {
  std::string out;
  for (unsigned n = random() % 12; n > 0; --n) {
    const std::uint32_t ranges[][2] = {{lowest, 0x20},  {0x20, 0x80},      {0x80, 0x800},
                                       {0x800, 0xD800}, {0xE000, 0x10000}, {0x10000, 0x110000}};
    const auto &range = ranges[random() % 6];
    const std::uint32_t c = range[0] + static_cast<std::uint32_t>(random()) % (range[1] - range[0]);
    const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
      add(c);
    } else if (c < 0x800) {
      add(0xC0 | c >> 6), add(0x80 | (c & 63));
    } else if (c < 0x10000) {
      add(0xE0 | c >> 12), add(0x80 | (c >> 6 & 63)), add(0x80 | (c & 63));
    } else {
      add(0xF0 | c >> 18), add(0x80 | (c >> 12 & 63)), add(0x80 | (c >> 6 & 63)), add(0x80 | (c & 63));
    }
  }
  return out;
}

double random_double(std::mt19937_64 &random) {
  while (true) {
    const auto value = std::bit_cast<double>(random());
    if (std::isfinite(value)) return value;
  }
}

Result<Everything> read_everything(std::string_view text) {
  simdjson::dom::parser parser;
  json::Element element;
  REQUIRE(parser.parse(text.data(), text.size()).get(element) == simdjson::SUCCESS);
  Everything out;
  if (auto done = json::read(element, out, json::Path{}); !done) return std::unexpected(done.error());
  return out;
}

}  // namespace

TEST_CASE("texts of every plane read back as they were") {
  std::mt19937 random(1);
  simdjson::dom::parser parser;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = random_text(random, 0);
    REQUIRE(is_utf8(text));
    std::string written;
    json::write_text(written, text);
    std::string_view back;
    REQUIRE(parser.parse(written).get_string().get(back) == simdjson::SUCCESS);
    CHECK(back == text);
  }
}

TEST_CASE("every finite double reads back with the same bits; what JSON lacks is null") {
  std::mt19937_64 random(2);
  simdjson::dom::parser parser;
  for (int i = 0; i < 20000; ++i) {
    const double value = i == 0 ? -0.0 : i == 1 ? 5e-324 : i == 2 ? 1.7976931348623157e308 : random_double(random);
    std::string written;
    json::write_number(written, value);
    CAPTURE(written);
    CHECK(std::bit_cast<std::uint64_t>(std::strtod(written.c_str(), nullptr)) == std::bit_cast<std::uint64_t>(value));
    double back = 0;
    REQUIRE(parser.parse("[" + written + "]").at(0).get_double().get(back) == simdjson::SUCCESS);
    CHECK(back == value);
  }
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    std::string written;
    json::write_number(written, value);
    CHECK(written == "null");
  }
}

TEST_CASE("records read back as they were") {
  std::mt19937 random(3);
  std::mt19937_64 bits(3);
  for (int i = 0; i < 2000; ++i) {
    Everything value;
    value.flag = random() % 2;
    value.count = static_cast<std::int32_t>(random() % 2001) - 1000;
    value.value = random_double(bits);
    value.text = random_text(random);
    if (random() % 2) value.maybe = random_double(bits);
    for (unsigned n = random() % 4; n > 0; --n) {
      auto &inner = value.inner.emplace_back();
      inner.big = static_cast<std::int64_t>(bits() >> 11) * (random() % 2 ? 1 : -1);
      for (unsigned m = random() % 4; m > 0; --m) inner.words.push_back(random_text(random));
    }
    value.colour = random() % 2 ? Colour::red : Colour::green;
    for (unsigned n = random() % 4; n > 0; --n) {
      const std::string key = std::to_string(n) + random_text(random);  // each key once
      if (random() % 2) value.values.emplace_back(key, random_double(bits));
      else value.values.emplace_back(key, random_text(random));
    }
    std::string text;
    json::write(text, value);
    const auto back = read_everything(text);
    REQUIRE_MESSAGE(back.has_value(), back.error().message);
    CHECK(*back == value);
  }
}

TEST_CASE("a NUL in a text and a field that is given twice are refused") {
  for (const char *text : {R"({"text":"a\u0000b"})", R"({"text":"","values":{"a":"\u0000"}})",
                           R"({"text":"","text":""})", R"({"text":"","values":{"a":1,"a":2}})"}) {
    CAPTURE(text);
    const auto out = read_everything(text);
    REQUIRE(!out.has_value());
    CHECK(out.error().code == Code::invalid_request);
  }
}

TEST_CASE("what is left out keeps its default; null is none") {
  const auto out = read_everything(R"({"text":"","maybe":null})");
  REQUIRE(out.has_value());
  CHECK(out->count == 7);
  CHECK(!out->maybe);
}

TEST_CASE("a mistake is told with its place, what was expected and what came") {
  const auto check = [](std::string_view text, Code code, std::string_view path, std::string_view part) {
    CAPTURE(std::string(text));
    const auto out = read_everything(text);
    REQUIRE(!out.has_value());
    CAPTURE(out.error().message);
    CHECK(info(out.error().code).name == info(code).name);
    CHECK(out.error().path == path);
    CHECK(out.error().message.find(part) != std::string::npos);
  };
  check("{}", Code::invalid_request, "/text", "missing");
  check("[]", Code::type_mismatch, "", "an array");
  check(R"({"text":"","text":""})", Code::invalid_request, "/text", "again");
  check(R"({"text":"","values":{"a":1,"a":1}})", Code::invalid_request, "/values/a", "again");
  check(R"({"text":"a\u0000b"})", Code::invalid_request, "/text", "NUL");
  check(R"({"text":1})", Code::type_mismatch, "/text", "a number");
  check(R"({"text":"","flag":1})", Code::type_mismatch, "/flag", "true or false");
  check(R"({"text":"","count":1.5})", Code::type_mismatch, "/count", "1.5");
  check(R"({"text":"","count":1001})", Code::out_of_range, "/count", "1000");
  check(R"({"text":"","count":1e300})", Code::out_of_range, "/count", "1e+300");
  check(R"({"text":"","inner":[{},{"big":9007199254740994}]})", Code::out_of_range, "/inner/1/big", "9007199254740992");
  check(R"({"text":"","inner":[{},{"big":18446744073709551615}]})", Code::out_of_range, "/inner/1/big",
        "9007199254740992");
  check(R"({"text":"","inner":[{"words":["a",null]}]})", Code::type_mismatch, "/inner/0/words/1", "null");
  check(R"({"text":"","inner":[{"wrods":[]}]})", Code::invalid_request, "/inner/0/wrods", "'words'");
  check(R"({"text":"","colour":"gren"})", Code::out_of_range, "/colour", "'green'");
  check(R"({"text":"","values":{"a/b~c":[]}})", Code::type_mismatch, "/values/a~1b~0c", "an array");
  check(R"({"text":"","a/b~c":0})", Code::invalid_request, "/a~1b~0c", "a/b~c");
}
