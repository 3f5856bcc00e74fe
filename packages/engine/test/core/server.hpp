// SPDX-License-Identifier: MIT
// A handler with a session, its replies, and a place where replies of other threads arrive.
#pragma once

#include <simdjson.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "control/server_handler.hpp"
#include "session.hpp"

namespace arranger::test {

// A reply, taken apart.
class Reply {
 public:
  explicit Reply(std::string text) : text_(std::move(text)) {
    REQUIRE_MESSAGE(parser_.parse(text_).get(root_) == simdjson::SUCCESS, text_);
  }
  Reply(Reply &&) = default;
  simdjson::dom::element at(std::string_view pointer) const {
    simdjson::dom::element out;
    REQUIRE_MESSAGE(root_.at_pointer(pointer).get(out) == simdjson::SUCCESS, text_);
    return out;
  }
  std::string text(std::string_view pointer) const {
    std::string_view out;
    REQUIRE_MESSAGE(at(pointer).get_string().get(out) == simdjson::SUCCESS, text_);
    return std::string(out);
  }
  double number(std::string_view pointer) const { return at(pointer).get_double().value_unsafe(); }
  bool has(std::string_view pointer) const { return root_.at_pointer(pointer).error() == simdjson::SUCCESS; }
  bool ok() const { return text("/status") == "ok"; }
  std::string code() const { return ok() ? "" : text("/code"); }
  const std::string &all() const { return text_; }

 private:
  std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

inline constexpr const char *graph_request =
    R"({"cmd":"set_graph","bpm":90,"nodes":[{"id":"t","type":"track_source"},{"id":"i","type":"test.impulse"},)"
    R"({"id":"n","type":"test.noise","params":{"stream":4}},{"id":"mixer","type":"test.scale","params":{"gain":0.5}}],)"
    R"("connections":[{"from_node":"t","from_port":"o","to_node":"i","to_port":"i"},{"from_node":"i","from_port":"audio_out",)"
    R"("to_node":"mixer","to_port":"in"},{"from_node":"n","from_port":"out","to_node":"mixer","to_port":"in","gain":0.25}]})";
inline constexpr const char *schedule_request =
    R"({"cmd":"set_schedule","events":[{"beat":0.01,"type":"note_on","node_id":"t","pitch":60,"velocity":127},)"
    R"({"beat":0.02,"type":"param","node_id":"mixer","param_id":"gain","value":1}]})";
inline constexpr const char *render_request =
    R"({"cmd":"render","format":"raw_f32","duration_beats":0.05,"tail_seconds":0})";

class Server {
 public:
  Server() {
    load_nodes();
    CHECK(ask(graph_request).ok());
    CHECK(ask(schedule_request).ok());
  }
  Reply ask(std::string_view request) { return Reply(handler.handle(request)); }
  // All that a client can see of the session.
  std::string session() { return handler.handle(R"({"cmd":"get_graph"})") + ask(render_request).text("/data"); }
  ServerHandler handler{{.sample_rate = 48000,
                         .block_size = 512,
                         .output_device = "none",
                         .threads = threads_of_tests(),
                         .sharing = Sharing::always}};
};

// Replies and events as they come, from other threads.
class Mailbox {
 public:
  void put(std::string text) {
    const std::lock_guard lock(mutex_);
    texts_.push_back(std::move(text));
    changed_.notify_all();
  }
  std::vector<std::string> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return texts_.size() >= count; });
    return texts_;
  }
  std::function<void(std::string)> slot() {
    return [this](std::string text) { put(std::move(text)); };
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> texts_;
};

// A render that ends only when it is told to, and has begun when this returns.
inline std::string endless(const std::string &id, const std::filesystem::path &path) {
  return R"({"cmd":"render","id":)" + id + R"(,"format":"raw_f32","duration_beats":10000000,"path":")" + to_utf8(path) +
         "\"}";
}

}  // namespace arranger::test
