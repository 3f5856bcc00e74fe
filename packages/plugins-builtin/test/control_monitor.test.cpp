// SPDX-License-Identifier: MIT
#include "harness.hpp"
#include "near.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace harness;

namespace {

// A curve without a period: k-th frame → its fractional part.
Samples wandering(int frames, int first = 0) {
  Samples out;
  for (int i = first; i < first + frames; ++i) {
    const double x = 0.61803398875 * i;
    out.push_back(static_cast<float>(x - static_cast<double>(static_cast<long long>(x))));
  }
  return out;
}

}  // namespace

TEST_CASE("control_monitor: the history is one value per 512 frames since reset, oldest first") {
  const Library library("control_monitor");
  CHECK(library.id == "builtin.control_monitor");
  Instance monitor(library);
  CHECK(monitor.port("history")->value_count == 512);
  const Samples in = wandering(5000);
  for (const Cuts &cuts : {Cuts{128}, Cuts{1}, Cuts{511}, Cuts{4096}}) {
    monitor.reset();
    CHECK(monitor.monitor_values("history").empty());
    monitor.curve("control_in", in);
    monitor.run(5000, cuts);
    Samples expected;
    for (std::size_t i = 0; i < in.size(); i += 512) expected.push_back(in[i]);
    CHECK(monitor.monitor_values("history") == expected);
  }
}

TEST_CASE("control_monitor: the history holds the last 512 values") {
  const Library library("control_monitor");
  Instance monitor(library);
  constexpr int frames = 512 * 700 + 100;
  const Samples in = wandering(frames);
  monitor.curve("control_in", in);
  monitor.run(frames, {300});
  Samples expected;
  for (int n = 701 - 512; n < 701; ++n) expected.push_back(in[static_cast<std::size_t>(512 * n)]);
  REQUIRE(expected.size() == 512);
  CHECK(monitor.monitor_values("history") == expected);
}

TEST_CASE("control_monitor: latest, min, max and mean are over every frame that the history spans") {
  const Library library("control_monitor");
  Instance monitor(library);
  Samples in(1000, 0.5f);
  in[700] = 0.9f;  // between two values of the history
  in[701] = 0.1f;
  in[999] = 0.25f;
  monitor.curve("control_in", in);
  monitor.run(1000, {77});
  CHECK(monitor.monitor("latest") == 0.25f);
  CHECK(monitor.monitor("min") == 0.1f);
  CHECK(monitor.monitor("max") == 0.9f);
  CHECK(monitor.monitor("mean") == near((997 * 0.5 + 0.9 + 0.1 + 0.25) / 1000, 1e-7));

  // The span moves on: what is older than 512 intervals is forgotten with its interval.
  monitor.set("control_in", 0.75);
  monitor.run(512 * 513 - 1000);
  CHECK(monitor.monitor("max") == 0.9f);
  monitor.run(512);
  CHECK(monitor.monitor("max") == 0.75f);
  CHECK(monitor.monitor("min") == 0.75f);
  CHECK(monitor.monitor("mean") == 0.75f);
}

TEST_CASE("control_monitor: a reset begins anew") {
  const Library library("control_monitor");
  Instance monitor(library);
  monitor.set("control_in", 1);
  monitor.run(3000);
  monitor.reset();
  monitor.set("control_in", 0.25);
  monitor.run(100);
  CHECK(monitor.monitor("max") == 0.25f);
  CHECK(monitor.monitor_values("history") == Samples{0.25f});
}
