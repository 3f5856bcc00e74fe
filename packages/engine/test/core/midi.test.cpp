// SPDX-License-Identifier: MIT
// MIDI where many threads meet: ports that open and close under what is sent to them, engines that go away.
#include <atomic>
#include <random>
#include <thread>

#include "control/midi_message.hpp"
#include "midi/ports.hpp"
#include "server.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr const char *open_output = R"({"cmd":"open_midi","name":"loopback","direction":"output"})";

std::string send(int status, int first, int second) {
  return R"({"cmd":"send_midi","name":"loopback","bytes":[)" + std::to_string(status) + "," + std::to_string(first) +
         "," + std::to_string(second) + "]}";
}

}  // namespace

TEST_CASE("a message is whole when its status says so, and means an event only when it is a channel's") {
  MidiReader reader;
  for (int status = 0; status < 256; ++status) {
    int whole = 0;
    for (std::size_t size = 0; size < 5; ++size) {
      std::vector<std::uint8_t> bytes(size, 5);
      if (size > 0) bytes[0] = static_cast<std::uint8_t>(status);
      whole += is_midi_message(bytes);
      if (reader.read(bytes)) CHECK((status >= 0x80 && status < 0xf0));
      if (size > 1 && is_midi_message(bytes)) {
        bytes.back() = 128;
        CHECK(!is_midi_message(bytes));
      }
    }
    const bool is_undefined = status < 0x80 || status == 0xf0 || status == 0xf4 || status == 0xf5 || status == 0xf7 ||
                              status == 0xf9 || status == 0xfd;
    CHECK(whole == (is_undefined ? 0 : 1));
  }
}

TEST_CASE("a program has the bank that its channel's controller 0 has selected on the same port") {
  MidiReader reader;
  const auto bank = [&](int channel) {
    const std::uint8_t program[] = {static_cast<std::uint8_t>(0xc0 + channel), 12};
    return reader.read(program)->velocity;
  };
  const std::uint8_t select[] = {0xb3, 0, 8};
  CHECK(bank(3) == 0);
  reader.read(select);
  CHECK(bank(3) == 8);
  CHECK(bank(4) == 0);
}

TEST_CASE("what is sent arrives in order while ports open and close, and never after the last close") {
  std::atomic<bool> done = false, is_open = false;
  std::atomic<int> wrong = 0, received = 0;
  std::thread sender([&] {
    const auto output = open_midi_output("loopback", false);
    for (int i = 0; !done; ++i) {
      const std::uint8_t message[] = {0xe0, static_cast<std::uint8_t>(i & 127),
                                      static_cast<std::uint8_t>(i >> 7 & 127)};
      (*output)->send(message);
    }
  });
  for (int cycle = 0; cycle < 2000; ++cycle) {
    int last = -1;
    is_open = true;
    auto input = open_midi_input("loopback", false, [&](std::span<const std::uint8_t> message, auto) {
      const int now = message[2] << 7 | message[1];
      if (!is_open || (last >= 0 && now != ((last + 1) & 0x3fff))) ++wrong;
      last = now;
      ++received;
    });
    if (cycle % 100 == 0)
      for (const int before = received; received == before;) std::this_thread::yield();
    input->reset();
    is_open = false;
  }
  done = true;
  sender.join();
  CHECK(wrong == 0);
  CHECK(received >= 20);
}

TEST_CASE("four threads play, open, learn and record one engine, which then goes away under them") {
  Server sender;
  CHECK(sender.ask(open_output).ok());
  std::atomic<int> wrong = 0;
  std::atomic<bool> done = false;
  std::atomic<std::uint64_t> sent = 0;
  const auto ok_of = [](const std::string &reply) { return reply.find(R"("status":"ok")") != std::string::npos; };
  std::thread player([&] {
    std::mt19937 random(1);
    while (!done) {
      const int status = std::array{0x90, 0x80, 0xb0, 0xe0}[random() % 4];
      if (!ok_of(sender.handler.handle(send(status, static_cast<int>(random() % 8 + 60), random() % 128)))) ++wrong;
      ++sent;
    }
  });
  for (int round = 0; round < 5; ++round) {
    Server listener;
    const std::array<std::vector<std::string>, 3> scripts{{
        {R"({"cmd":"open_midi","name":"loopback"})", R"({"cmd":"open_midi","name":"loopback","channel":3})",
         R"({"cmd":"close_midi","name":"loopback"})"},
        {R"({"cmd":"midi_learn","node_id":"mixer","param_id":"gain"})", R"({"cmd":"list_midi"})",
         R"({"cmd":"midi_unmap","node_id":"mixer","param_id":"gain"})", R"({"cmd":"record_midi"})", R"({"cmd":"play"})",
         R"({"cmd":"record_midi","enabled":false})"},
        {graph_request, schedule_request, R"({"cmd":"set_bpm","bpm":100})", R"({"cmd":"close_device"})"},
    }};
    std::vector<std::thread> threads;
    for (const auto &script : scripts)
      threads.emplace_back([&] {
        for (int i = 0; i < 40; ++i)
          for (const std::string &request : script) {
            const std::string reply = listener.handler.handle(request);
            if (!ok_of(reply) && reply.find(R"("code":"busy")") == std::string::npos) ++wrong;
          }
      });
    for (std::thread &thread : threads) thread.join();
    CHECK(listener.ask(R"({"cmd":"open_midi","name":"loopback"})").ok());
    for (const std::uint64_t before = sent; sent < before + 5;) std::this_thread::yield();
  }
  done = true;
  player.join();
  CHECK(wrong == 0);
}
