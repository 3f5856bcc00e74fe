// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include <doctest/doctest.h>

using namespace harness;

namespace {

void control(Instance &source, int frame, double value) { source.event(frame, ARR_EVENT_CONTROL, 0, 0, value); }

// The value at some frames of a run.
Samples at(Instance &source, int frames, const std::vector<std::size_t> &picked) {
  source.run(frames);
  Samples out;
  for (const std::size_t frame : picked) out.push_back(source.control("control_out").at(frame));
  return out;
}

}  // namespace

TEST_CASE("control_source: puts out its parameter, frame by frame") {
  const Library library("control_source");
  CHECK(library.id == "builtin.control_source");
  Instance source(library);
  CHECK(source.default_of("control_in") == 0);
  CHECK(at(source, 200, {0, 199}) == Samples{0, 0});
  source.set("control_in", 0.75);
  CHECK(at(source, 200, {0, 199}) == Samples{0.75, 0.75});
  Samples ramp(200);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i) / 256;
  source.curve("control_in", ramp);
  source.run(200);
  CHECK(source.control("control_out") == ramp);
}

TEST_CASE("control_source: a control event sets the value from its frame on, also on the first") {
  const Library library("control_source");
  Instance source(library);
  source.set("control_in", 0.25);
  control(source, 0, 0.5);
  control(source, 1000, 1);
  CHECK(at(source, 2000, {0, 999, 1000, 1999}) == Samples{0.5, 0.5, 1, 1});
  CHECK(at(source, 100, {0, 99}) == Samples{1, 1});
  source.reset();
  CHECK(at(source, 100, {0, 99}) == Samples{0.25, 0.25});
}

TEST_CASE("control_source: of parameter and events the last change counts") {
  const Library library("control_source");
  Instance source(library);
  source.set("control_in", 0.25);
  Samples moves(1000, 0.25f);
  std::fill(moves.begin() + 500, moves.end(), 0.5f);
  source.curve("control_in", moves);
  control(source, 100, 0.75);
  control(source, 700, 1);
  CHECK(at(source, 1000, {99, 100, 499, 500, 699, 700, 999}) == Samples{0.25, 0.75, 0.75, 0.5, 0.5, 1, 1});
  source.set("control_in", 0.5);  // where it is already: no change
  CHECK(at(source, 100, {0}) == Samples{1});
  source.set("control_in", 0);
  CHECK(at(source, 100, {0}) == Samples{0});
}

TEST_CASE("control_source: on one frame the parameter's change counts") {
  const Library library("control_source");
  Instance source(library);
  Samples moves(100, 0.0f);
  std::fill(moves.begin() + 50, moves.end(), 0.5f);
  source.curve("control_in", moves);
  control(source, 50, 1);
  CHECK(at(source, 100, {49, 50}) == Samples{0, 0.5});
}

TEST_CASE("control_source: an event's value is cut to the range, and other events change nothing") {
  const Library library("control_source");
  Instance source(library);
  control(source, 10, 7);
  control(source, 20, -7);
  control(source, 30, 0.5);
  source.note_on(40, 60);
  source.event(50, ARR_EVENT_CC, 0, 1, 1);
  CHECK(at(source, 100, {10, 20, 99}) == Samples{1, 0, 0.5});
}
