// SPDX-License-Identifier: MIT
// What a storm is made of: the commands of one client among several, the same for the same seed.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "graphs.hpp"

namespace arranger::storm {

// Every graph of a storm has, for each client k, a track, a voice and a monitor that stay from its beginning to its end:
// track_k, voice_k and own_k. What else there is comes and goes.
class Client {
 public:
  Client(unsigned seed, int number, int clients, Files files);

  // Anything that a client may do while it plays; a whole request.
  std::string next();
  // The same without what changes the graph or ends the notes of others: what it sets stays.
  std::string next_settled();
  // Ends every note that the client may have begun.
  std::vector<std::string> last_notes();

 private:
  struct Kind {
    int weight;
    bool settled;
    std::string (Client::*make)();
  };
  static const std::vector<Kind> &kinds();
  std::string pick(bool settled);

  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  double between(double low, double high) { return low + (high - low) * below(1 << 16) / (1 << 16); }
  std::string mine(std::string_view kind) const;
  std::string any(std::string_view kind);  // of any client

  std::string note_on();
  std::string note_off();
  std::string send_event();
  std::string set_own();
  std::string set_effect();
  std::string set_config();
  std::string look();
  std::string look_closely();
  std::string transport();
  std::string set_bpm();
  std::string set_graph();
  std::string unload_node();
  std::string reset_node();
  std::string set_schedule();
  std::string batch();
  std::string all_notes_off();
  std::string library();
  std::string subscribe();
  std::string render();

  std::mt19937 random_;
  int number_, clients_;
  Files files_;
  int own_values_ = 0;     // given out so far: none is given twice
  std::vector<int> keys_;  // of notes that may sound, one for each
};

// What a request sets its client's own parameter to; none when it is about something else.
std::optional<double> own_value(std::string_view request);

// One that was refused must be sent again: else its note never ends.
inline bool is_note_off(std::string_view request) { return request.starts_with(R"({"cmd":"note_off")"); }

// What comes before: the sample is rendered, the library loaded, and a graph of nothing but what stays begins to play.
std::vector<std::string> prelude(int clients, const Files &files);
std::string calm_graph(int clients, const Files &files);

}  // namespace arranger::storm
