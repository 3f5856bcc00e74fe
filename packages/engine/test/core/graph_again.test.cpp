// SPDX-License-Identifier: MIT
// A graph that is sent again with little that is new in it, against one that is read whole: the same in everything.
#include <algorithm>
#include <random>

#include "allocations.hpp"
#include "control/handler_state.hpp"
#include "server.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

// An engine, and what is seen of it.
class Session {
 public:
  Session() { load_nodes(); }
  std::string ask(std::string_view request) { return answer(state_, client_, request).text(); }
  // The same, read whole: a text that is much longer or shorter than the one before is not compared with it.
  std::string ask_anew(const std::string &request) {
    std::string out = ask(is_long_ ? request + std::string(8 * request.size() + 4000, ' ') : request);
    const bool is_graph = request.find("\"set_graph\"") != request.npos && request.find("\"batch\"") == request.npos;
    if (is_graph && out.starts_with(R"({"status":"ok")")) is_long_ = !is_long_;
    return out;
  }

 private:
  HandlerState state_{{.sample_rate = 48000, .block_size = 64, .output_device = "none", .threads = 1}, {}};
  ClientState client_{ReplyOrder::as_ready};
  bool is_long_ = false;
};

struct NodeText {
  std::string id, type, params, more;
  std::string text(const std::string &space) const {
    return "{\"id\":\"" + id + "\"," + space + "\"type\":\"" + type + "\",\"params\":{" + params + "}" + more + "}";
  }
};

// Graphs as a client would write them, each most often a little other than the one before.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {
    nodes_ = {
        {"mixer", "test.scale", R"("gain":0.5)", ""}, {"t", "track_source", "", ""}, {"i", "test.impulse", "", ""}};
    connections_ = {connection("t", "o", "i", "i", 1), connection("i", "audio_out", "mixer", "in", 1)};
    for (int i = 0; i < 12; ++i) add();
  }

  std::string set_param() {
    const NodeText &node = any();
    return R"({"cmd":"set_param","node_id":")" + node.id + R"(","param_id":")" +
           (node.type == "test.noise" ? "stream" : "gain") + R"(","value":)" + number(below(4)) + "}";
  }
  std::string next() {
    const Writer before = *this;
    top_ = tail_ = "";
    const std::size_t kind = below(30);
    const bool stays = edit(kind);
    std::string out = text();
    if (kind == 29) out.erase(below(out.size()), 1);  // no JSON, or another one
    if (kind == 28) out.insert(below(out.size()), 1, "{}[]\":,x1 \\"[below(11)]);
    const auto random = random_;
    if (!stays) *this = before;
    random_ = random;
    return out;
  }
  std::string other() {
    NodeText &node = any();
    const std::string id = "\"node_id\":\"" + node.id + "\"";
    switch (below(5)) {
      case 0:
        return R"({"cmd":"unload_node",)" + id + "}";
      case 1:
        return R"({"cmd":"batch","commands":[)" + text() + R"(,{"cmd":"set_bpm","bpm":100}]})";
      case 2:
        return R"({"cmd":"set_node_config",)" + id + R"(,"config":{"gain":0.125}})";
      default:
        return set_param();
    }
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  static std::string number(std::size_t quarter) { return std::to_string(double(quarter) / 4); }
  static std::string connection(const std::string &from, const std::string &out, const std::string &to,
                                const std::string &in, double gain) {
    return R"({"from_node":")" + from + R"(","from_port":")" + out + R"(","to_node":")" + to + R"(","to_port":")" + in +
           R"(","gain":)" + std::to_string(gain) + "}";
  }
  NodeText &any() { return nodes_[below(nodes_.size())]; }
  void add() {
    const std::string id = "n" + std::to_string(count_++);
    const bool is_noise = below(2) == 0;
    nodes_.push_back({id, is_noise ? "test.noise" : "test.scale", is_noise ? R"("stream":3)" : R"("gain":0.25)", ""});
    if (!is_noise) connections_.push_back(connection("i", "audio_out", id, "in", 1));
    connections_.push_back(connection(id, "out", "mixer", "in", 0.25));
  }
  void set(NodeText &node) {
    if (node.type == "test.scale") node.params = "\"gain\":" + number(below(16));
    if (node.type == "test.noise") node.params = "\"stream\":" + std::to_string(below(9));
  }

  // Whether the next graphs have it as well.
  bool edit(std::size_t kind) {
    switch (kind) {
      case 0:
        return add(), true;
      case 1:
        return nodes_.erase(nodes_.begin() + std::ptrdiff_t(below(nodes_.size()))), false;
      case 2:
        return std::shuffle(nodes_.begin(), nodes_.end(), random_), true;
      case 3:
        return std::shuffle(connections_.begin(), connections_.end(), random_), true;
      case 4:
        return connections_.erase(connections_.begin() + std::ptrdiff_t(below(connections_.size()))), false;
      case 5:
        return any().id = any().id, false;
      case 6:
        return any().params = R"("gain":99)", false;
      case 7:
        return any().params = R"("nothing":1,"gain":"text")", false;
      case 8:
        return any().params = R"("gain":true)", false;
      case 9:
        return any().more = below(2) == 0 ? R"(,"colour":"red")" : R"(,"params":{})", false;
      case 10:
        return any().more = below(2) == 0 ? R"(,"plugin_version":1)" : R"(,"state":"")", false;
      case 11:
        return any().type = below(2) == 0 ? "test.scale" : "test.nothing", false;
      case 12:
        return top_ = R"("bpm":)" + std::to_string(60 + below(100)) + ",", true;
      case 13:
        return top_ = below(2) == 0 ? R"("bpm":0,)" : R"("id":{"nodes":[1]},)", false;
      case 14:
        return tail_ = below(2) == 0 ? R"(,"nope":1)" : R"(,"id":"\u00e4")", false;
      case 15:
        return tail_ = below(2) == 0 ? R"(,"sample_rate":44100)" : R"(,"nodes":[])", false;
      case 16:
        return space_ = below(2) == 0 ? " " : "", true;
      case 17:
        return true;
      case 18:
        return any().params.clear(), true;
      case 19:
        return any().more = R"(,"isolated":false)", true;
      default:
        for (std::size_t i = below(4); i > 0; --i) set(any());
        return true;
    }
  }

  std::string text() const {
    std::string out = R"({"cmd":"set_graph",)" + top_ + "\"nodes\":[";
    for (const NodeText &node : nodes_) out += (&node == nodes_.data() ? "" : "," + space_) + node.text(space_);
    out += "],\"connections\":[" + space_;
    for (const std::string &text : connections_) out += (&text == connections_.data() ? "" : ",") + text;
    return out + "]" + tail_ + "}";
  }

  std::mt19937 random_;
  std::vector<NodeText> nodes_;
  std::vector<std::string> connections_;
  std::string top_, tail_, space_;
  int count_ = 0;
};

std::string without_time(std::string reply) {  // of a render
  const std::size_t at = reply.find("\"data\":");
  return at == reply.npos ? reply : reply.substr(at);
}

}  // namespace

TEST_CASE("a graph that is sent again does what it does when it is read whole") {
  int taken = 0, refused = 0;
  for (unsigned seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    Writer writer(seed);
    Session again, anew;
    const bool is_live = seed % 3 == 0;
    const auto both = [&](const std::string &request) {
      CAPTURE(request);
      const std::string reply = again.ask(request);
      CHECK(reply == anew.ask_anew(request));
      CHECK(again.ask(R"({"cmd":"get_state"})") == anew.ask(R"({"cmd":"get_state"})"));
      (reply.starts_with(R"({"status":"ok")") ? taken : refused)++;
    };
    both(is_live ? R"({"cmd":"play"})"
                 : schedule_request);  // what a schedule writes while it plays depends on the moment
    std::mt19937 random(seed);
    for (int step = 0; step < 60; ++step) {
      CAPTURE(step);
      both(random() % 6 == 0 ? writer.other() : writer.next());
      if (!is_live && step % 10 == 9)
        CHECK(without_time(again.ask(render_request)) == without_time(anew.ask(render_request)));
    }
  }
  CHECK(taken > 700);
  CHECK(refused > 200);
}

TEST_CASE("a value that is new in a large graph takes no memory for each node") {
  const auto graph = [](const char *gain) {
    std::string out = R"({"cmd":"set_graph","nodes":[{"id":"mixer","type":"test.scale","params":{"gain":)";
    out += std::string(gain) + "}}";
    for (int i = 0; i < 2000; ++i) out += R"(,{"id":"n)" + std::to_string(i) + R"(","type":"test.noise"})";
    return out + R"(],"connections":[]})";
  };
  for (const bool is_live : {false, true}) {
    Session session;
    CHECK(session.ask(graph("1")).starts_with(R"({"status":"ok")"));
    if (is_live) CHECK(session.ask(R"({"cmd":"play"})").starts_with(R"({"status":"ok")"));
    const std::string second = graph("0.5");
    const std::int64_t before = allocations();
    CHECK(session.ask(second).starts_with(R"({"status":"ok")"));
    CHECK(allocations() - before < 500);
    CHECK(session.ask(R"({"cmd":"get_graph"})").find(R"("params":{"gain":0.5})") != std::string::npos);
  }
}
