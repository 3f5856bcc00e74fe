// SPDX-License-Identifier: MIT
// The server's messages, however the bytes arrive.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "framing.hpp"

using namespace arranger;
using namespace arranger::server;

namespace {

std::string framed(const std::string &text) {
  const auto header = header_of(text.size());
  return std::string(header.begin(), header.end()) + text;
}

void feed(MessageReader &reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = reader.room();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), count, room.begin());
    reader.add(count);
    bytes.remove_prefix(count);
  }
}

}  // namespace

TEST_CASE("messages come out as they went in, wherever the bytes are cut") {
  std::mt19937 random(7);
  const auto up_to = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(1, most)(random); };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> sent;
    std::string bytes;
    for (std::size_t i = 0, count = up_to(20); i < count; ++i) {
      sent.emplace_back(up_to(round % 4 == 0 ? 300'000 : 60), static_cast<char>('a' + i));
      bytes += framed(sent.back());
    }
    MessageReader reader;
    std::vector<std::string> received;
    const std::size_t most = round % 3 == 0 ? 1 : round % 3 == 1 ? 7 : 100'000;
    const std::size_t step = bytes.size() > 100'000 && most < 100 ? 4096 : most;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t count = std::min(up_to(step), bytes.size() - at);
      feed(reader, std::string_view(bytes).substr(at, count));
      at += count;
      for (auto next = reader.next(); next.kind == MessageReader::Kind::message; next = reader.next())
        received.emplace_back(next.text);
    }
    CHECK(received == sent);
    CHECK(reader.next().kind == MessageReader::Kind::none);
  }
}

TEST_CASE("a length is a claim: no memory is taken before the bytes are there") {
  MessageReader reader;
  const auto header = header_of(greatest_message);
  feed(reader, {header.data(), header.size()});
  CHECK(reader.next().kind == MessageReader::Kind::none);
  std::size_t fed = 0;
  for (const std::size_t size : {1u, 1'000u, 100'000u, 1'000'000u}) {
    feed(reader, std::string(size, 'x'));
    fed += size;
    CHECK(reader.room().size() <= std::max<std::size_t>(2 * fed, 128 << 10));
  }
}

TEST_CASE("the greatest message passes; one more byte, or none, is told, and what follows is not read as a message") {
  MessageReader whole;
  const std::string greatest(greatest_message, 'x');
  feed(whole, framed(greatest) + framed("{}"));
  CHECK(whole.next().text == greatest);
  CHECK(whole.next().text == "{}");

  for (const std::size_t length : {std::size_t{0}, greatest_message + 1, std::size_t{0xFFFFFFFF}}) {
    const auto kind = length == 0 ? MessageReader::Kind::empty : MessageReader::Kind::too_large;
    MessageReader reader;
    const auto header = header_of(length);
    feed(reader, {header.data(), header.size()});
    CHECK(reader.next().kind == kind);
    feed(reader, framed("{}"));
    CHECK(reader.next().kind == kind);
    CHECK(reader.next().length == length);
  }
}
