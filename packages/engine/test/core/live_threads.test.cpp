// SPDX-License-Identifier: MIT
// Live playback while many threads edit, play, look and render: what the sanitizers are to see.
#include <atomic>
#include <random>
#include <thread>

#include "server.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

// Any of the things a client may do while it plays; each is valid at some times and not at others.
std::string any_request(std::mt19937 &random) {
  static const std::string other_graph =
      R"({"cmd":"set_graph","bpm":120,"nodes":[{"id":"t","type":"track_source"},{"id":"u","type":"track_source"},)"
      R"({"id":"i","type":"test.impulse"},{"id":"g","type":"test.gain"},{"id":"mixer","type":"test.scale"}],)"
      R"("connections":[{"from_node":"u","from_port":"o","to_node":"i","to_port":"i"},{"from_node":"i","from_port":)"
      R"("audio_out","to_node":"g","to_port":"in"},{"from_node":"g","from_port":"out","to_node":"mixer","to_port":"in"}]})";
  static const std::string other_schedule =
      R"({"cmd":"set_schedule","events":[{"beat":0,"type":"cc","node_id":"t","pitch":7,"velocity":90},{"beat":0.1,)"
      R"("type":"note_on","node_id":"t","pitch":61},{"beat":0.4,"type":"tempo","value":200,"ramp_beats":2},)"
      R"({"beat":0.2,"type":"param","node_id":"mixer","param_id":"gain","value":0.2,"ramp_beats":3}]})";
  const auto beat = [&] { return std::to_string(static_cast<double>(random() % 400) / 100); };
  switch (random() % 18) {
    case 0:
      return graph_request;
    case 1:
      return other_graph;
    case 2:
      return random() % 2 ? schedule_request : other_schedule;
    case 3:
      return R"({"cmd":"play","reset":)" + std::string(random() % 2 ? "true" : "false") + "}";
    case 4:
      return R"({"cmd":"stop"})";
    case 5:
      return R"({"cmd":"seek","beat":)" + beat() + "}";
    case 6:
      return R"({"cmd":"set_loop","start":0.5,"end":)" + std::to_string(0.6 + (random() % 10) / 10.0) + "}";
    case 7:
      return R"({"cmd":"set_bpm","bpm":)" + std::to_string(60 + random() % 200) + "}";
    case 8:
      return R"({"cmd":"note_on","pitch":)" + std::to_string(60 + random() % 4) + "}";
    case 9:
      return R"({"cmd":"note_off","pitch":)" + std::to_string(60 + random() % 4) + "}";
    case 10:
      return random() % 8 ? R"({"cmd":"get_stats"})" : R"({"cmd":"all_notes_off"})";
    case 11:
      return R"({"cmd":"set_param","node_id":"mixer","param_id":"gain","value":0.3,"at_beat":)" + beat() + "}";
    case 12:
      return R"({"cmd":"set_param","node_id":"mixer","param_id":"gain","value":0.7,"ramp_ms":5})";
    case 13:
      return R"({"cmd":"batch","commands":[{"cmd":"set_bpm","bpm":100},{"cmd":"seek","beat":1},{"cmd":"note_on"}]})";
    case 14:
      return R"({"cmd":"unload_node","node_id":"u"})";
    case 15:
      return random() % 10 ? R"({"cmd":"get_state"})" : R"({"cmd":"close_device"})";
    case 16:
      return random() % 4 ? R"({"cmd":"get_graph"})" : R"({"cmd":"open_device","name":"none","block_size":64})";
    default:
      return R"({"cmd":"get_position"})";
  }
}

}  // namespace

TEST_CASE("many threads may edit, play and look at once; every reply is ok or says why not") {
  Server server;
  std::atomic<int> events = 0;
  server.handler.listen([&](std::string) { ++events; });
  CHECK(
      server.ask(R"({"cmd":"subscribe","events":["position","meters","stats","plugin_fault"],"interval_ms":1})").ok());
  CHECK(server.ask(R"({"cmd":"play"})").ok());
  std::atomic<int> odd = 0;
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed)
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int i = 0; i < 250; ++i) {
        const std::string request = any_request(random), reply = server.handler.handle(request);
        const bool known = reply.starts_with(R"({"status":"ok")") ||
                           reply.find("\"unknown_node\"") != std::string::npos ||
                           reply.find("\"busy\"") != std::string::npos;
        if (!known) {
          ++odd;
          MESSAGE(request << " -> " << reply);
        }
      }
    });
  for (std::thread &thread : threads) thread.join();
  CHECK(odd == 0);
  CHECK(events > 0);
  CHECK(server.ask(R"({"cmd":"stop"})").ok());
  CHECK(server.ask(graph_request).ok());
  CHECK(server.ask(R"({"cmd":"get_stats"})").number("/dropped_events") == 0);
  server.handler.listen({});
}
