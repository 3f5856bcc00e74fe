// SPDX-License-Identifier: MIT
// Several who speak with one engine: what each has asked for is its own.
#include <algorithm>
#include <thread>

#include "base/log.hpp"
#include "control/events.hpp"
#include "server.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

constexpr const char *wants_progress = R"({"cmd":"subscribe","events":["render_progress"],"interval_ms":1})";

std::string cancel(const std::string &id) { return R"({"cmd":"cancel","render_id":)" + id + "}"; }

// A client, and what came to it.
struct Guest {
  explicit Guest(Server &server) : client(server.handler.connect()) {
    client->listen([to = events](std::string text) { to->put(std::move(text)); });
  }
  Reply ask(const std::string &request) { return Reply(client->handle(request)); }
  void send(const std::string &request) { client->ask(request, replies.slot()); }
  // Returns when the render has begun.
  void begin_endless(const std::string &id, const std::filesystem::path &path) {
    const std::size_t seen = events->wait(0).size();
    CHECK(ask(wants_progress).ok());
    send(endless(id, path));
    events->wait(seen + 1);
  }
  const std::shared_ptr<Mailbox> events =
      std::make_shared<Mailbox>();  // an event may be on its way when the client goes
  Mailbox replies;
  std::unique_ptr<Client> client;
};

}  // namespace

TEST_CASE("a client's replies keep the order of its requests while those behind a render have run") {
  Server server;
  const TemporaryFolder folder;
  Guest guest(server);
  guest.begin_endless("1", folder.path() / "song");
  guest.send(R"({"cmd":"set_bpm","id":2,"bpm":77})");
  CHECK(server.ask(R"({"cmd":"get_graph"})").number("/bpm") == 77);
  CHECK(guest.replies.wait(0).empty());
  guest.send(R"({"cmd":"cancel","id":3,"render_id":1})");
  const auto texts = guest.replies.wait(3);
  CHECK(Reply(texts[0]).code() == "cancelled");
  for (std::size_t i = 0; i < 3; ++i) CHECK(Reply(texts[i]).number("/id") == static_cast<double>(i) + 1);
}

TEST_CASE("a client that has as many renders as it may is told that the engine is busy; others are not") {
  Server server;
  const TemporaryFolder folder;
  Guest guest(server), other(server);
  guest.client->limit_renders(1);
  guest.begin_endless("1", folder.path() / "song");
  CHECK(guest.ask(endless("2", folder.path() / "second")).code() == "busy");
  other.begin_endless("3", folder.path() / "third");
  CHECK(other.ask(cancel("3")).number("/cancelled") == 1);
  CHECK(guest.ask(cancel("1")).number("/cancelled") == 1);
}

TEST_CASE("a client that chooses as_ready waits for no render, and has at once what waited") {
  Server server;
  const TemporaryFolder folder;
  Guest guest(server);
  guest.begin_endless("1", folder.path() / "song");
  guest.send(R"({"cmd":"ping","id":2})");
  CHECK(guest.replies.wait(0).empty());
  guest.send(R"({"cmd":"set_reply_order","id":3,"order":"as_ready"})");
  const auto ready = guest.replies.wait(2);
  CHECK(Reply(ready[0]).number("/id") == 2);
  CHECK(Reply(ready[1]).number("/id") == 3);
  guest.send(R"({"cmd":"ping","id":4})");
  CHECK(Reply(guest.replies.wait(3)[2]).number("/id") == 4);
  CHECK(guest.ask(cancel("1")).number("/cancelled") == 1);
  CHECK(Reply(guest.replies.wait(4)[3]).number("/id") == 1);
}

TEST_CASE("replies that many threads give come out in the order of the requests") {
  for (int round = 0; round < 50; ++round) {
    Replies replies(ReplyOrder::as_sent);
    std::string seen;
    std::vector<std::uint64_t> places;
    for (int i = 0; i < 40; ++i)
      places.push_back(replies.expect([&seen](std::string text) { seen += text; }));  // one at a time: no lock
    std::vector<std::thread> threads;
    for (std::size_t first = 0; first < 4; ++first)
      threads.emplace_back([&, first] {
        for (std::size_t i = first; i < places.size(); i += 4)
          replies.give(places[i], std::string(1, static_cast<char>('0' + i)));
      });
    for (std::thread &thread : threads) thread.join();
    std::string expected;
    for (int i = 0; i < 40; ++i) expected += static_cast<char>('0' + i);
    CHECK(seen == expected);
  }
}

TEST_CASE("cancel finds a client's own renders, and their progress is told to it alone") {
  Server server;
  const TemporaryFolder folder;
  Guest one(server), other(server);
  CHECK(other.ask(wants_progress).ok());
  one.begin_endless("7", folder.path() / "one");
  CHECK(other.ask(cancel("7")).number("/cancelled") == 0);
  CHECK(server.ask(cancel("7")).number("/cancelled") == 0);
  CHECK(one.ask(cancel("7")).number("/cancelled") == 1);
  CHECK(Reply(one.replies.wait(1)[0]).code() == "cancelled");
  CHECK(other.events->wait(0).empty());
}

TEST_CASE("what happens to all is told to those who subscribed, as long as they do") {
  Server server;
  Guest one(server), two(server), none(server);
  for (Guest *guest : {&one, &two}) CHECK(guest->ask(R"({"cmd":"subscribe","events":["log"]})").ok());
  log(LogLevel::info, "test", "first");
  CHECK(two.ask(R"({"cmd":"unsubscribe","events":["log"]})").ok());
  log(LogLevel::info, "test", "second");
  const auto texts = one.events->wait(2);
  CHECK(Reply(texts[0]).text("/message") == "first");
  CHECK(Reply(texts[1]).text("/message") == "second");
  CHECK(two.events->wait(0).size() == 1);
  CHECK(none.events->wait(0).empty());
}

TEST_CASE("each subscriber is told at a pace of its own") {
  using namespace std::chrono_literals;
  EventHub hub;
  const auto often = std::make_shared<Subscriber>(), seldom = std::make_shared<Subscriber>();
  for (const auto &subscriber : {often, seldom}) {
    subscriber->listen([](const std::string &) {});
    hub.add(subscriber);
  }
  often->subscribe({"position"}, 1);
  seldom->subscribe({"position"}, 60'000);
  CHECK(hub.due("position").size() == 2);
  const auto later = Subscriber::Clock::now() + 2ms;
  while (Subscriber::Clock::now() < later) std::this_thread::yield();
  CHECK(hub.due("position") == EventHub::Subscribers{often});
  CHECK(hub.due("meters").empty());
  hub.remove(often);
  CHECK(hub.wanting("position") == EventHub::Subscribers{seldom});
}

TEST_CASE("a client that goes leaves no render, no file and no reply, and takes nothing of others with it") {
  Server server;
  const TemporaryFolder folder;
  Guest stays(server);
  stays.begin_endless("1", folder.path() / "kept");
  Mailbox replies;
  {
    Guest goes(server);
    goes.begin_endless("1", folder.path() / "gone");
    for (int i = 0; i < 20; ++i) goes.client->ask(endless("2", folder.path() / "waiting"), replies.slot());
    goes.client->ask(R"({"cmd":"ping"})", replies.slot());
  }
  const auto names = [&] {
    std::vector<std::string> out;
    for (const auto &entry : std::filesystem::directory_iterator(folder.path()))
      out.push_back(entry.path().filename().string());
    return out;
  };
  const auto is_kept = [](const std::string &name) { return name.find("kept") != std::string::npos; };
  while (!std::ranges::all_of(names(), is_kept)) std::this_thread::yield();
  CHECK(!names().empty());
  CHECK(stays.ask(cancel("1")).number("/cancelled") == 1);
  CHECK(Reply(stays.replies.wait(1)[0]).code() == "cancelled");
  CHECK(replies.wait(0).empty());
}

TEST_CASE("one client's renders do not keep another's from being made") {
  Server server;
  const TemporaryFolder folder;
  Guest greedy(server), modest(server);
  greedy.begin_endless("0", folder.path() / "0");
  for (int i = 1; i < 40; ++i) greedy.send(endless(std::to_string(i), folder.path() / std::to_string(i)));
  modest.send(render_request);
  CHECK(Reply(modest.replies.wait(1)[0]).ok());
  greedy.client->end_renders();
  for (const std::string &text : greedy.replies.wait(40)) CHECK(Reply(text).code() == "cancelled");
}

TEST_CASE("shutdown is for a face that can be shut down") {
  Server server;
  CHECK(server.ask(R"({"cmd":"shutdown"})").code() == "unknown_command");
  int calls = 0;
  ServerHandler handler({.output_device = "none"}, {{"a_face's_own"}, [&] { ++calls; }});
  CHECK(Reply(handler.handle(R"({"cmd":"shutdown"})")).ok());
  CHECK(calls == 1);
  CHECK(Reply(handler.handle(R"({"cmd":"ping"})")).all().find("a_face's_own") != std::string::npos);
}

TEST_CASE("a request that cannot be read is answered in its place") {
  Server server;
  const TemporaryFolder folder;
  Guest guest(server);
  guest.begin_endless("1", folder.path() / "song");
  guest.client->refuse({Code::message_empty, "nothing", {}}, guest.replies.slot());
  CHECK(guest.replies.wait(0).empty());
  guest.client->end_renders();
  const auto texts = guest.replies.wait(2);
  CHECK(Reply(texts[0]).code() == "cancelled");
  CHECK(Reply(texts[1]).code() == "message_empty");
}
