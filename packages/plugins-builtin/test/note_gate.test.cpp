// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include <doctest/doctest.h>

using namespace harness;

namespace {

enum Mode { gate, velocity, pitch, note_count };

Instance gate_of(const Library &library, Mode mode, int low = 0, int high = 127) {
  Instance out(library);
  out.set("mode", mode);
  out.set("pitch_lo", low);
  out.set("pitch_hi", high);
  return out;
}

Samples at(Instance &instance, int frames, const std::vector<std::size_t> &picked) {
  instance.run(frames);
  Samples out;
  for (const std::size_t frame : picked) out.push_back(instance.control("control_out").at(frame));
  return out;
}

}  // namespace

TEST_CASE("note_gate: a gate is 1 from the first note of the band to the end of the last, to the frame") {
  const Library library("note_gate");
  CHECK(library.id == "builtin.note_gate");
  Instance band = gate_of(library, gate, 60, 72);
  CHECK(band.default_of("mode") == 0);
  CHECK(band.default_of("pitch_lo") == 0);
  CHECK(band.default_of("pitch_hi") == 127);
  band.note_on(101, 60);
  band.note_on(150, 72, 0.5, 3);
  band.note_off(203, 60);
  band.note_off(307, 72, 3);
  CHECK(at(band, 400, {0, 100, 101, 203, 306, 307, 399}) == Samples{0, 0, 1, 1, 1, 0, 0});
  band.note_on(10, 59);
  band.note_on(10, 73);
  CHECK(at(band, 100, {9, 10, 99}) == Samples{0, 0, 0});
}

TEST_CASE("note_gate: a note that is held twice ends twice, and never on another channel") {
  const Library library("note_gate");
  Instance held = gate_of(library, gate);
  held.note_on(0, 60);
  held.note_on(0, 60);
  held.note_off(50, 60);
  held.event(60, ARR_EVENT_NOTE_OFF, 5, 60, 0);
  CHECK(at(held, 100, {49, 50, 60, 99}) == Samples{1, 1, 1, 1});
  held.note_off(50, 60);
  held.event(60, ARR_EVENT_NOTE_OFF, 0, 60, 0);  // one too many
  held.note_on(70, 60);
  CHECK(at(held, 100, {49, 50, 69, 70, 99}) == Samples{1, 0, 0, 1, 1});
  held.event(10, ARR_EVENT_CC, 1, 123, 0);
  held.event(20, ARR_EVENT_CC, 0, 123, 0);
  CHECK(at(held, 100, {10, 19, 20}) == Samples{1, 1, 0});
  held.note_on(0, 64);
  held.event(20, ARR_EVENT_NOTE_CHOKE, 0, 64, 0);
  CHECK(at(held, 100, {19, 20}) == Samples{1, 0});
}

TEST_CASE("note_gate: velocity and pitch are of the most recent note of the band, and stay when it ends") {
  const Library library("note_gate");
  for (const Mode mode : {velocity, pitch}) {
    Instance band = gate_of(library, mode, 60, 70);
    band.note_on(10, 60, 127.0 / 127);
    band.note_on(20, 65, 32.0 / 127);
    band.note_on(30, 80, 64.0 / 127);  // out of the band
    band.note_off(40, 65);
    band.note_on(50, 70, 1.0 / 127);
    const auto of = [](double x) { return static_cast<float>(x); };
    CHECK(at(band, 100, {9, 10, 20, 30, 40, 50, 99}) ==
          (mode == velocity
               ? Samples{0, 1, of(32.0 / 127), of(32.0 / 127), of(32.0 / 127), of(1.0 / 127), of(1.0 / 127)}
               : Samples{0, 0, 0.5, 0.5, 0.5, 1, 1}));
  }
}

TEST_CASE("note_gate: a count is the share of the band's keys, at most 1") {
  const Library library("note_gate");
  Instance band = gate_of(library, note_count, 60, 63);
  for (int n = 0; n < 4; ++n) band.note_on(10 * (n + 1), 60 + n);
  band.note_on(50, 60);
  band.note_on(50, 64);
  band.note_off(60, 60);
  band.note_off(70, 60);
  CHECK(at(band, 100, {9, 10, 20, 30, 40, 50, 60, 70}) == Samples{0, 0.25, 0.5, 0.75, 1, 1, 1, 0.75});
}

TEST_CASE("note_gate: a band that moves counts notes that are held already, in its frame") {
  const Library library("note_gate");
  Instance band = gate_of(library, gate);
  band.note_on(0, 60);
  Samples low(300, 0.0f), mode(300, 0.0f);
  std::fill(low.begin() + 100, low.begin() + 200, 61.0f);
  std::fill(mode.begin() + 250, mode.end(), static_cast<float>(pitch));
  band.curve("pitch_lo", low);
  band.curve("mode", mode);
  CHECK(at(band, 300, {0, 99, 100, 199, 200, 249}) == Samples{1, 1, 0, 0, 1, 1});
  CHECK(band.control("control_out")[250] == 60.0f / 127.0f);
}

TEST_CASE("note_gate: a band of one key has no pitch, and one upside down is empty") {
  const Library library("note_gate");
  for (const Mode mode : {gate, velocity, pitch, note_count}) {
    Instance one = gate_of(library, mode, 60, 60), none = gate_of(library, mode, 61, 60);
    for (Instance *band : {&one, &none}) {
      band->note_on(0, 60);
      band->note_on(0, 61);
    }
    CHECK(at(one, 10, {9}) == Samples{mode == pitch ? 0.0f : 1.0f});
    CHECK(at(none, 10, {9}) == Samples{0});
  }
}

TEST_CASE("note_gate: sleeps until the first note") {
  const Library library("note_gate");
  Instance band = gate_of(library, gate);
  CHECK(at(band, 1000, {0, 999}) == Samples{0, 0});
  CHECK(band.asleep());
  band.note_on(500, 60);
  CHECK(at(band, 1000, {499, 500, 999}) == Samples{0, 1, 1});
}
