// SPDX-License-Identifier: MIT
// One JSON request in, one JSON reply out; after an error nothing has changed.
#include <random>

#include "base/utf8.hpp"
#include "server.hpp"

using namespace arranger;
using namespace arranger::test;

TEST_CASE("a reply has status first, and repeats an id of any type") {
  Server server;
  CHECK(server.ask(R"({"cmd":"ping"})").all().starts_with(R"({"status":"ok",)"));
  CHECK(!server.ask(R"({"cmd":"ping"})").has("/id"));
  for (const char *id : {"1", "-7", "2.5", R"("x")", R"("\u00e4\n\"")", "null", "true", "[]", R"([1,{"a":[]},null])",
                         R"({"b":{"c":""}})", "18446744073709551615", "0"}) {
    CAPTURE(std::string(id));
    for (const char *rest : {R"("cmd":"ping")", R"("cmd":"nothing")", R"("cmd":7)", R"("cmd":"set_bpm","bpm":0)"}) {
      const Reply before = server.ask(std::string(R"({"id":)") + id + "," + rest + "}");
      const Reply after = server.ask(std::string("{") + rest + R"(,"id":)" + id + "}");
      simdjson::dom::parser parser;
      const std::string expected = simdjson::minify(parser.parse(std::string_view(id)).value_unsafe());
      CHECK(simdjson::minify(before.at("/id")) == expected);
      CHECK(simdjson::minify(after.at("/id")) == expected);
    }
  }
}

TEST_CASE("after every error the session is as before") {
  Server server;
  const std::string before = server.session();
  const auto check = [&](std::string_view request, std::string_view code, std::string_view path,
                         std::string_view part = "") {
    CAPTURE(std::string(request));
    const Reply reply = server.ask(request);
    CAPTURE(reply.all());
    CHECK(reply.code() == code);
    CHECK((reply.has("/path") ? reply.text("/path") : "") == path);
    CHECK(reply.text("/message").find(part) != std::string::npos);
    CHECK(server.session() == before);
  };
  check("", "message_empty", "");
  check("{", "invalid_json", "");
  check("nonsense", "invalid_json", "");
  check("{\"cmd\":\"ping\"}}", "invalid_json", "");
  check("{\"cmd\":\"set_bpm\",\"bpm\":\"\xff\"}", "invalid_json", "");
  check("[]", "invalid_request", "", "an array");
  check("7", "invalid_request", "", "a number");
  check("{}", "invalid_request", "/cmd", "missing");
  check(R"({"cmd":7})", "type_mismatch", "/cmd", "a number");
  check(R"({"cmd":"set_grap"})", "unknown_command", "/cmd", "'set_graph'");
  check(R"({"cmd":"shutdown"})", "unknown_command", "/cmd");
  check(R"({"cmd":"set_bpm","bmp":90})", "invalid_request", "/bmp", "'bpm'");
  check(R"({"cmd":"set_bpm","bpm":0.5})", "out_of_range", "/bpm", "0.5");
  check(R"({"cmd":"set_bpm","bpm":1e308})", "out_of_range", "/bpm");
  check(R"({"cmd":"set_bpm","bpm":null})", "type_mismatch", "/bpm", "null");
  check(R"({"cmd":"set_param","node_id":"mixr","param_id":"gain","value":1})", "unknown_node", "/node_id", "'mixer'");
  check(R"({"cmd":"set_param","node_id":"mixer","param_id":"gian","value":1})", "unknown_param", "/param_id", "'gain'");
  check(R"({"cmd":"set_param","node_id":"mixer","param_id":"gain","value":4.001})", "out_of_range", "/value", "4.001");
  check(R"({"cmd":"set_param","node_id":"mixer","param_id":"gain"})", "invalid_request", "/value", "missing");
  check(R"({"cmd":"set_node_config","node_id":"mixer","config":{"gain":1,"nothing/~":2}})", "unknown_param",
        "/config/nothing~1~0");
  check(R"({"cmd":"set_node_config","node_id":"mixer","config":{"gain":"1"}})", "type_mismatch", "/config/gain",
        "a string");
  check(R"({"cmd":"load_sf2","path":"x.sf2"})", "unknown_node", "/node_id");
  check(R"({"cmd":"unload_node","node_id":"mixer"})", "no_master", "/node_id");
  check(R"({"cmd":"unload_node","node_id":"x"})", "unknown_node", "/node_id");
  // A graph whose last part is wrong: nothing of it stays.
  const auto graph = [&](const std::string &nodes, const std::string &connections, const char *code, const char *path) {
    check(
        R"({"cmd":"set_graph","bpm":200,"nodes":[{"id":"mixer","type":"test.scale"},{"id":"u","type":"test.triangle"})" +
            nodes + R"(],"connections":[)" + connections + "]}",
        code, path);
  };
  graph(R"(,{"id":"mixer","type":"test.noise"})", "", "duplicate_id", "/nodes/2/id");
  graph(R"(,{"id":"x","type":"test.noyse"})", "", "unknown_plugin", "/nodes/2/type");
  graph(R"(,{"id":"x"})", "", "invalid_request", "/nodes/2/type");
  graph(R"(,{"id":5,"type":"test.noise"})", "", "type_mismatch", "/nodes/2/id");
  graph(R"(,{"id":"x","type":"test.noise","params":{"stream":true}})", "", "type_mismatch", "/nodes/2/params/stream");
  graph(R"(,{"id":"x","type":"test.noise","params":[]})", "", "type_mismatch", "/nodes/2/params");
  graph(R"(,{"id":"x","type":"track_source","isolated":true})", "", "invalid_request", "/nodes/2/isolated");
  graph("", R"({"from_node":"x","from_port":"out","to_node":"mixer","to_port":"in"})", "unknown_node",
        "/connections/0/from_node");
  graph("", R"({"from_node":"u","from_port":"aut","to_node":"mixer","to_port":"in"})", "unknown_port",
        "/connections/0/from_port");
  graph("", R"({"from_node":"u","from_port":"out","to_node":"mixer","to_port":"in"})", "type_mismatch",
        "/connections/0/to_port");
  graph("", R"({"from_node":"mixer","from_port":"out","to_node":"mixer","to_port":"in"})", "cycle", "/connections");
  graph("", R"({"from_node":"u","to_node":"mixer","to_port":"in"})", "invalid_request", "/connections/0/from_port");
  graph("", R"({"from_node":"u","from_port":"out","to_node":"mixer","to_port":"gain","mode":"sett"})", "out_of_range",
        "/connections/0/mode");
  graph("", R"({"from_node":"u","from_port":"out","to_node":"mixer","to_port":"gain","map":{"mix":0}})",
        "invalid_request", "/connections/0/map/mix");
  // Where a product could be infinite, and infinity times silence not a number.
  graph("", R"({"from_node":"u","from_port":"out","to_node":"mixer","to_port":"gain","gain":1e300})", "out_of_range",
        "/connections/0/gain");
  graph("", R"({"from_node":"u","from_port":"out","to_node":"mixer","to_port":"gain","amount":-1e300})", "out_of_range",
        "/connections/0/amount");
  graph("",
        R"({"from_node":"u","from_port":"out","to_node":"mixer","to_port":"gain","map":{"min":-1e308,"max":1e308}})",
        "out_of_range", "/connections/0/map/min");
  check(R"({"cmd":"set_graph","nodes":[{"id":"n","type":"test.noise"}]})", "no_master", "/nodes");
  check(R"({"cmd":"set_graph","bpm":0})", "out_of_range", "/bpm");
  const auto event = [&](const std::string &fields, const char *code, const char *path) {
    check(R"({"cmd":"set_schedule","events":[{"type":"note_on","node_id":"t"},{)" + fields + "}]}", code, path);
  };
  event(R"("type":"note_off")", "invalid_request", "/events/1/node_id");
  event(R"("type":"note_om","node_id":"t")", "out_of_range", "/events/1/type");
  event(R"("node_id":"t")", "invalid_request", "/events/1/type");
  event(R"("type":"note_on","node_id":"t","pitch":128)", "out_of_range", "/events/1/pitch");
  event(R"("type":"note_on","node_id":"t","pitch":60.5)", "type_mismatch", "/events/1/pitch");
  event(R"("type":"note_on","node_id":"t","velocity":128)", "out_of_range", "/events/1/velocity");
  event(R"("type":"note_on","node_id":"t","channel":16)", "out_of_range", "/events/1/channel");
  event(R"("type":"note_on","node_id":"t","beat":1e10)", "out_of_range", "/events/1/beat");
  event(R"("type":"tempo","value":0)", "out_of_range", "/events/1/value");
  event(R"("type":"param","node_id":"t","value":0)", "invalid_request", "/events/1/param_id");
  check(R"({"cmd":"render","format":"wave"})", "out_of_range", "/format", "'wav'");
  check(R"({"cmd":"render","path":""})", "invalid_request", "/path");
  check(R"({"cmd":"render","duration_beats":-1})", "out_of_range", "/duration_beats");
  check(R"({"cmd":"render","duration_beats":10000000})", "message_too_large", "/path");
  check(R"({"cmd":"render","format":"flac","bit_depth":"32f"})", "out_of_range", "/bit_depth");
  check(R"({"cmd":"render","sample_rate":7999})", "out_of_range", "/sample_rate");
  check(R"({"cmd":"subscribe","events":["xruns"]})", "out_of_range", "/events/0");
  check(R"({"cmd":"load_plugin","path":"/nowhere/x.so"})", "plugin_load_failed", "/path");
}

TEST_CASE("every prefix of a request, and a thousand spoilt ones, get a reply that is JSON") {
  Server server;
  const std::string requests[] = {graph_request, schedule_request,
                                  R"({"cmd":"set_param","id":"é","node_id":"n","param_id":"stream","value":1e2})"};
  const std::string before = server.session();
  for (const std::string &request : requests)
    for (std::size_t length = 0; length < request.size(); ++length)
      CHECK(!server.ask(std::string_view(request).substr(0, length)).ok());
  CHECK(server.session() == before);

  std::mt19937 random(11);
  for (int i = 0; i < 1000; ++i) {
    std::string request = requests[i % 3];
    for (unsigned n = 1 + random() % 4; n > 0; --n) request[random() % request.size()] = static_cast<char>(random());
    const Reply reply = server.ask(request);
    CHECK(is_utf8(reply.all()));
    CHECK((reply.ok() || !reply.text("/message").empty()));
  }
}

TEST_CASE("deep nesting and great numbers are errors or answers, never a crash") {
  Server server;
  const auto nested = [](std::size_t depth) {
    return R"({"cmd":"ping","id":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(server.ask(nested(500)).ok());
  CHECK(simdjson::minify(server.ask(nested(500)).at("/id")) == std::string(500, '[') + std::string(500, ']'));
  CHECK(server.ask(nested(5000)).code() == "invalid_json");
  CHECK(server.ask(nested(1000000)).code() == "invalid_json");
  CHECK(server.ask(std::string(1000000, '[')).code() == "invalid_json");
  for (const char *number : {"1e308", "-1e308", "1e-400", "0.1e0", "123456789012345678", "-0", "9007199254740993",
                             "18446744073709551616", "-9223372036854775809", "123456789012345678901234567890"}) {
    CAPTURE(std::string(number));
    CHECK(server.ask(std::string(R"({"cmd":"set_bpm","bpm":)") + number + "}").code() == "out_of_range");
    CHECK(server.ask(std::string(R"({"cmd":"ping","id":)") + number + "}").ok());
  }
  const Reply great = server.ask(R"({"cmd":"ping","id":["1234567890123456789012345\"6",1234567890123456789012345]})");
  CHECK(great.text("/id/0") == "1234567890123456789012345\"6");
  CHECK(great.number("/id/1") == 1234567890123456789012345.0);
  for (const char *number :
       {"01234567890123456789012345", "1e400", "-1e400", "01", "1.", ".5", "+1", "NaN", "Infinity", "0x10"}) {
    CAPTURE(std::string(number));
    CHECK(server.ask(std::string(R"({"cmd":"set_bpm","bpm":)") + number + "}").code() == "invalid_json");
  }
  CHECK(server.ask(std::string((std::size_t{64} << 20) + 1, ' ')).code() == "message_too_large");
  CHECK(server.ask(R"({"cmd":"ping"})").ok());
}

TEST_CASE("a graph and a parameter come back as they were set") {
  Server server;
  const Reply graph = server.ask(R"({"cmd":"get_graph"})");
  CHECK(graph.number("/bpm") == 90);
  CHECK(graph.text("/nodes/3/id") == "mixer");
  CHECK(graph.number("/nodes/3/params/gain") == 0.5);
  CHECK(graph.number("/connections/2/gain") == 0.25);
  CHECK(server.ask(R"({"cmd":"set_param","node_id":"mixer","param_id":"gain","value":0.75})").ok());
  CHECK(server.ask(R"({"cmd":"get_graph"})").number("/nodes/3/params/gain") == 0.75);

  // What get_graph says can be set again, and changes nothing.
  const std::string before = server.session();
  std::string again = server.handler.handle(R"({"cmd":"get_graph"})");
  again.replace(0, std::string_view(R"({"status":"ok")").size(), R"({"cmd":"set_graph")");
  const Reply reply = server.ask(again);
  CHECK(reply.ok());
  CHECK(reply.at("/kept").get_array().value_unsafe().size() == 4);
  CHECK(server.session() == before);
}

TEST_CASE("a render is the same from handle and submit, and follows edits") {
  Server server;
  const std::string first = server.ask(render_request).text("/data");
  Mailbox replies;
  server.handler.submit(render_request, replies.slot());
  CHECK(Reply(replies.wait(1)[0]).text("/data") == first);
  CHECK(server.ask(R"({"cmd":"set_param","node_id":"n","param_id":"stream","value":5})").ok());
  CHECK(server.ask(render_request).text("/data") != first);
}

TEST_CASE("a request to prepare has no value, and is short") {
  Server server;
  const auto refused = [&](const std::string &rest) {
    const auto number = server.handler.prepare(R"({"cmd":"set_param","node_id":"mixer","param_id":"gain")" + rest);
    return number ? "" : std::string(info(number.error().code).name) + number.error().path;
  };
  CHECK(refused("}") == "");
  CHECK(refused(R"(,"value":1})") == "invalid_request/value");
  CHECK(refused(R"(,"value":"loud"})") == "invalid_request/value");
  CHECK(refused(std::string(4000, ' ') + '}') == "");
  CHECK(refused(std::string(4096, ' ') + '}') == "message_too_large");
}
