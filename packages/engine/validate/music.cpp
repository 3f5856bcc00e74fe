// SPDX-License-Identifier: MIT
#include "music.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace arranger::validate {

std::vector<Place> places_of(const std::vector<Port> &ports) {
  std::vector<Place> places;
  for (std::size_t p = 0; p < ports.size(); ++p)
    for (int c = 0; c < ports[p].channels(); ++c) places.push_back({&ports[p], static_cast<int>(p), c});
  return places;
}

bool has_audio_input(const std::vector<Port> &ports) {
  return std::ranges::any_of(ports, [](const Port &port) { return port.is_audio() && port.is_input(); });
}
bool has_audio_output(const std::vector<Port> &ports) {
  return std::ranges::any_of(ports, [](const Port &port) { return port.is_audio() && port.is_output(); });
}
bool has_event_input(const std::vector<Port> &ports) {
  return std::ranges::any_of(ports, [](const Port &port) { return port.is_event() && port.is_input(); });
}
bool has_event_output(const std::vector<Port> &ports) {
  return std::ranges::any_of(ports, [](const Port &port) { return port.is_event() && port.is_output(); });
}
bool has_parameter(const std::vector<Port> &ports) { return std::ranges::any_of(ports, &Port::is_parameter); }

Music silence(const std::vector<Port> &ports, int frames) {
  Music music;
  music.frames = frames;
  for (const Place &place : places_of(ports)) {
    music.samples.emplace_back();
    music.values.push_back(static_cast<float>(place.port->default_value));
  }
  return music;
}

arr_event note(arr_event_type type, int frame, int key, double value, std::uint32_t note_id, int channel) {
  arr_event event{};
  event.frame = frame;
  event.type = type;
  event.channel = static_cast<std::uint16_t>(channel);
  event.key = key;
  event.note_id = note_id;
  event.value = value;
  return event;
}

void sort_by_frame(std::vector<arr_event> &events) { std::ranges::stable_sort(events, {}, &arr_event::frame); }

namespace {

void add_notes(Music &music, int last, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  const int count = std::clamp(last / 1000, 4, 40);
  for (int n = 0; n < count; ++n) {
    const int on = below(last * 2 / 3), off = on + 1 + below(last / 3 - 1), channel = below(3);
    const int key = 36 + (n * 7) % 60;
    const auto id = static_cast<std::uint32_t>(n + 1);
    music.events.push_back(note(ARR_EVENT_NOTE_ON, on, key, (1 + below(127)) / 127.0, id, channel));
    music.events.push_back(note(ARR_EVENT_NOTE_OFF, off, key, 0.5, id, channel));
    if (n % 4 == 1) music.events.push_back(note(ARR_EVENT_BEND, on, 0, std::sin(n), 0, channel));
    if (n % 5 == 2) music.events.push_back(note(ARR_EVENT_CC, on, 1, below(128) / 127.0, 0, channel));
    if (n % 7 == 3) music.events.push_back(note(ARR_EVENT_VOLUME, on, 0, (64 + below(64)) / 127.0, 0, channel));
    if (n % 9 == 4) music.events.push_back(note(ARR_EVENT_PRESSURE, on, 0, below(128) / 127.0, 0, channel));
    if (n % 3 == 0) music.events.push_back(note(ARR_EVENT_CONTROL, on, 0, below(128) / 127.0, 0, channel));
  }
  sort_by_frame(music.events);
}

}  // namespace

Music music(const std::vector<Port> &ports, int frames, int last, std::uint32_t seed) {
  Music result = silence(ports, frames);
  const auto places = places_of(ports);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i].is_audio_input()) continue;
    Samples &samples = result.samples[i];
    samples = noise(frames, seed + static_cast<std::uint32_t>(i));
    for (int frame = 0; frame < frames; ++frame)
      if (frame >= last || (frame / 1777) % 4 == 3) samples[static_cast<std::size_t>(frame)] = 0.0f;
  }
  if (has_event_input(ports)) add_notes(result, last, seed);
  return result;
}

float parameter_value(const Port &port, double where) {
  double value = port.min + (port.max - port.min) * where;
  if (port.taper == ARR_TAPER_LOG && port.min > 0) value = port.min * std::pow(port.max / port.min, where);
  const double step = port.hint == ARR_PORT_HINT_CONTINUOUS ? port.step : std::max(port.step, 1.0);
  if (step > 0) value = port.min + step * std::round((value - port.min) / step);
  return static_cast<float>(std::clamp(value, port.min, port.max));
}

void move_parameters(Music &music, const std::vector<Port> &ports, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&] { return static_cast<double>(random() % 1000) / 999.0; };
  const auto places = places_of(ports);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Port &port = *places[i].port;
    if (!port.is_parameter()) continue;
    Samples &out = music.samples[i];
    double now = pick();
    while (out.size() < static_cast<std::size_t>(music.frames)) {
      const double next = pick();
      const int length = 100 + static_cast<int>(random() % 1500);
      const bool ramp = random() % 2 == 0 && port.hint == ARR_PORT_HINT_CONTINUOUS;
      for (int n = 0; n < length; ++n)
        out.push_back(parameter_value(port, ramp ? now + (next - now) * n / length : next));
      now = next;
    }
    out.resize(static_cast<std::size_t>(music.frames));
  }
}

Cuts random_cuts(std::uint32_t seed, int longest) {
  std::mt19937 random(seed);
  Cuts cuts;
  for (int n = 0; n < 97; ++n)
    cuts.push_back(1 + static_cast<int>(random() % static_cast<unsigned>(random() % 4 == 0 ? longest : 40)));
  return cuts;
}

Samples noise(int frames, std::uint32_t seed, float level) {
  std::mt19937 random(seed);
  Samples out(static_cast<std::size_t>(frames));
  for (float &x : out) x = level * (static_cast<float>(random() >> 8) * 0x1p-23f - 1.0f);
  return out;
}

}  // namespace arranger::validate
