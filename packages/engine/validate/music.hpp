// SPDX-License-Identifier: MIT
// What an instance hears during a run: sound, events and parameters, the same for the same seed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plugin/descriptor.hpp"

namespace arranger::validate {

using Samples = std::vector<float>;

// An entry of arr_process.channels: which channel of which port it is.
struct Place {
  const Port *port;
  int port_index;
  int channel;
  bool is_audio_input() const { return port->is_audio() && port->is_input(); }
  bool is_output() const { return port->role == ARR_PORT_ROLE_OUTPUT; }
};
std::vector<Place> places_of(const std::vector<Port> &ports);

bool has_audio_input(const std::vector<Port> &ports);
bool has_audio_output(const std::vector<Port> &ports);
bool has_event_input(const std::vector<Port> &ports);
bool has_event_output(const std::vector<Port> &ports);
bool has_parameter(const std::vector<Port> &ports);

struct Music {
  int frames = 0;
  std::int64_t song_frame = 0;    // where the song is at the first frame
  std::vector<Samples> samples;   // by place; empty = silence, or the parameter stays where it is
  std::vector<float> values;      // by place: where a parameter stays
  std::vector<arr_event> events;  // of every event input, sorted by frame
};

// Nothing sounds, and every parameter is at its default.
Music silence(const std::vector<Port> &ports, int frames);
// Noise with rests in it, notes and controllers, until `last` frames; then nothing.
Music music(const std::vector<Port> &ports, int frames, int last, std::uint32_t seed = 1);
// Every parameter steps, rests and, where it may, ramps, on frames that no block size divides.
void move_parameters(Music &music, const std::vector<Port> &ports, std::uint32_t seed);
// A value that the engine could give: in range, on the grid of a toggle or a choice. `where` is 0..1 of the range.
float parameter_value(const Port &port, double where);

arr_event note(arr_event_type type, int frame, int key, double value, std::uint32_t note_id, int channel = 0);
void sort_by_frame(std::vector<arr_event> &events);

// How a run is cut into calls: sizes in turn, over and over.
using Cuts = std::vector<int>;
Cuts random_cuts(std::uint32_t seed, int longest);

// White noise -level..level, from a seed.
Samples noise(int frames, std::uint32_t seed, float level = 0.5f);

}  // namespace arranger::validate
