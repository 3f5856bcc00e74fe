// SPDX-License-Identifier: MIT
// Requests from many threads, renders that run beside them, and their end.
#include <atomic>
#include <random>
#include <thread>

#include "server.hpp"

using namespace arranger;
using namespace arranger::test;

TEST_CASE("submitted requests are answered in order; a render runs beside those behind it") {
  Server server;
  Mailbox replies;
  for (int i = 1; i <= 200; ++i) {
    server.handler.submit(R"({"cmd":"set_bpm","id":)" + std::to_string(i) + R"(,"bpm":)" + std::to_string(i) + "}",
                          replies.slot());
    server.handler.submit(R"({"cmd":"get_graph"})", replies.slot());
  }
  const auto texts = replies.wait(400);
  for (int i = 1; i <= 200; ++i) {
    CHECK(Reply(texts[static_cast<std::size_t>(2 * i - 2)]).number("/id") == i);
    CHECK(Reply(texts[static_cast<std::size_t>(2 * i - 1)]).number("/bpm") == i);
  }

  const TemporaryFolder folder;
  Mailbox render, others;
  server.handler.submit(endless("\"r\"", folder.path() / "r.raw"), render.slot());
  server.handler.submit(R"({"cmd":"set_bpm","bpm":77})", others.slot());
  server.handler.submit(R"({"cmd":"get_graph"})", others.slot());
  CHECK(Reply(others.wait(2)[1]).number("/bpm") == 77);
  CHECK(server.ask(R"({"cmd":"cancel","render_id":"r"})").number("/cancelled") == 1);
  CHECK(Reply(render.wait(1)[0]).code() == "cancelled");
}

TEST_CASE("a cancelled render replies so, and leaves no file") {
  Server server;
  const TemporaryFolder folder;
  Mailbox events, replies;
  server.handler.listen(events.slot());
  CHECK(server.ask(R"({"cmd":"subscribe","events":["render_progress"],"interval_ms":1})").ok());
  for (const std::string id : {"7", R"({"name":"x"})", "null"}) {
    const auto seen = events.wait(0).size(), answered = replies.wait(0).size();
    server.handler.submit(endless(id, folder.path() / "song.raw"), replies.slot());
    const Reply progress(events.wait(seen + 1).back());
    CHECK(progress.text("/event") == "render_progress");
    CHECK(simdjson::minify(progress.at("/id")) == id);
    CHECK(server.ask(R"({"cmd":"cancel","render_id":"another"})").number("/cancelled") == 0);
    CHECK(server.ask(R"({"cmd":"cancel","render_id":)" + id + "}").number("/cancelled") == 1);
    CHECK(Reply(replies.wait(answered + 1).back()).code() == "cancelled");
    CHECK(std::filesystem::is_empty(folder.path()));
    CHECK(server.ask(R"({"cmd":"cancel","render_id":)" + id + "}").number("/cancelled") == 0);
  }
  server.handler.listen({});
}

TEST_CASE("a handler that goes away while it renders ends its renders and answers them all") {
  const TemporaryFolder folder;
  Mailbox events, replies;
  {
    Server server;
    server.handler.listen(events.slot());
    CHECK(server.ask(R"({"cmd":"subscribe","events":["render_progress"],"interval_ms":1})").ok());
    for (int i = 0; i < 3; ++i)
      server.handler.submit(endless(std::to_string(i), folder.path() / ("song" + std::to_string(i))), replies.slot());
    events.wait(1);
    server.handler.submit(endless("3", folder.path() / "late"), replies.slot());
    server.handler.submit(R"({"cmd":"ping"})", replies.slot());
  }
  int cancelled = 0, ok = 0;
  for (const std::string &text : replies.wait(5)) {
    const Reply reply(text);
    cancelled += reply.code() == "cancelled";
    ok += reply.ok();
  }
  CHECK(cancelled == 4);
  CHECK(ok == 1);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("four threads at once: every reply is whole, and every state is one that somebody set") {
  Server server;
  std::atomic<int> wrong{0};
  const auto expect = [&](bool held) { wrong += held ? 0 : 1; };
  const auto hammer = [&](unsigned seed) {
    std::mt19937 random(seed);
    simdjson::dom::parser parser;
    const auto ask = [&](const std::string &request) { return parser.parse(server.handler.handle(request)); };
    const auto code_of = [](const simdjson::simdjson_result<simdjson::dom::element> &reply) {
      std::string_view code;
      return reply["code"].get_string().get(code) == simdjson::SUCCESS ? code : std::string_view();
    };
    for (int i = 0; i < 150; ++i) {
      switch (random() % 8) {
        case 0:
          expect(code_of(ask(graph_request)).empty());
          break;
        case 1:
          expect(code_of(ask(R"({"cmd":"set_graph","bpm":33,"nodes":[{"id":"mixer","type":"test.noise"}]})")).empty());
          break;
        case 2:
          expect(code_of(ask(schedule_request)).empty());
          break;
        case 3: {
          const auto reply = ask(R"({"cmd":"set_param","node_id":"n","param_id":"stream","value":)" +
                                 std::to_string(random() % 9) + "}");
          expect(code_of(reply).empty() || code_of(reply) == "unknown_node");
          break;
        }
        case 4: {
          const auto reply = ask(R"({"cmd":"get_graph"})");
          const std::size_t nodes = reply["nodes"].get_array().value_unsafe().size();
          const std::size_t connections = reply["connections"].get_array().value_unsafe().size();
          expect((nodes == 4 && connections == 3) || (nodes == 1 && connections == 0));
          break;
        }
        case 5: {
          const auto reply = ask(render_request);
          expect(code_of(reply).empty() && reply["data"].get_string().error() == simdjson::SUCCESS);
          break;
        }
        case 6:
          expect(code_of(ask(R"({"cmd":"set_bpm","bpm":"fast"})")) == "type_mismatch");
          break;
        default:
          expect(code_of(ask(R"({"cmd":"list_registered_plugins"})")).empty());
          break;
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) threads.emplace_back(hammer, i + 1);
  Mailbox replies;
  for (int i = 0; i < 100; ++i) server.handler.submit(i % 3 ? R"({"cmd":"ping"})" : render_request, replies.slot());
  replies.wait(100);
  for (std::thread &thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(server.ask(graph_request).ok());
}
