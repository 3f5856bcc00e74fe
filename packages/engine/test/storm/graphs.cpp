// SPDX-License-Identifier: MIT
#include "graphs.hpp"

#include <string_view>

#include "base/format.hpp"

namespace arranger::storm {
namespace {

class Builder {
 public:
  Builder(int clients, std::mt19937 *random, bool with_library)
      : clients_(clients), random_(random), with_library_(with_library) {}

  std::string build(const Files &files) {
    // A number of inputs that stays: a mixer with another one would begin anew.
    node("mixer", "builtin.mixer", format(R"("channel_count":{},"soft_clip":0)", clients_ + 1));
    modulated_ = one_of(3);
    if (modulated_) node("lfo", "builtin.control_lfo");
    for (int k = 0; k < clients_; ++k) add_client(std::to_string(k));
    add_player("font", "builtin.fluidsynth", "sf2_path", files.soundfont, 0);
    add_player("sampler", "builtin.sampler", "sample_path", files.sample, clients_ - 1);
    for (const std::string_view source : {"noise", "metronome"}) {
      if (!one_of(4)) continue;
      node(source, format("builtin.{}", source));
      connect(source, "audio_out", "mixer", format("audio_in_{}", clients_));
    }
    return format(R"("nodes":[{}],"connections":[{}])", nodes_, connections_);
  }

 private:
  // Never in a graph of only what stays.
  bool one_of(unsigned count) { return random_ && (*random_)() % count == 0; }

  void add_client(const std::string &k) {
    const std::string track = "track_" + k, voice = "voice_" + k;
    node(track, "track_source");
    node(voice, k.back() % 2 ? "builtin.sine" : "builtin.synth", R"("gain":0.1)");
    node("own_" + k, "builtin.control_monitor");
    std::string events = track;
    if (one_of(4)) {
      events = "arpeggiator_" + k;
      node(events, "builtin.arpeggiator");
      connect(track, "events_out", events, "events_in");
    }
    connect(events, "events_out", voice, "events_in");
    std::string last = voice, port = "audio_out";
    for (const Effect &effect : effects) {
      if (!one_of(8) || (effect.type[0] == 't' && !with_library_)) continue;
      const std::string id = format("{}_{}", effect.name, k);
      node(id, effect.type);
      connect(last, port, id, effect.in);
      if (modulated_) connect("lfo", "control_out", id, effect.param, R"(,"mode":"add","amount":0.1)");
      last = id;
      port = effect.out;
    }
    connect(last, port, "mixer", "audio_in_" + k, one_of(4) ? R"(,"gain":0.5)" : "");
  }

  // An instrument that plays a file.
  void add_player(std::string_view id, std::string_view type, std::string_view param, std::string_view file,
                  int track) {
    if (file.empty()) return;
    node(id, type, format(R"("{}":"{}")", param, file));
    connect(format("track_{}", track), "events_out", id, "events_in");
    connect(id, "audio_out", "mixer", format("audio_in_{}", clients_));
  }

  static std::string_view comma(const std::string &list) { return list.empty() ? "" : ","; }
  void node(std::string_view id, std::string_view type, std::string_view params = "") {
    nodes_ += format(R"({}{"id":"{}","type":"{}","params":{{}}})", comma(nodes_), id, type, params);
  }
  void connect(std::string_view from, std::string_view from_port, std::string_view to, std::string_view to_port,
               std::string_view more = "") {
    connections_ += format(R"({}{"from_node":"{}","from_port":"{}","to_node":"{}","to_port":"{}"{}})",
                           comma(connections_), from, from_port, to, to_port, more);
  }

  int clients_;
  std::mt19937 *random_;
  bool with_library_, modulated_ = false;
  std::string nodes_, connections_;
};

}  // namespace

std::string graph_members(int clients, const Files &files, std::mt19937 *random, bool with_library) {
  return Builder(clients, random, with_library).build(files);
}

}  // namespace arranger::storm
